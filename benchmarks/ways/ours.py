"""Our own harness: its tasks with their steps timed, and whole commands as a user gives them."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from benchmarks.ways.bed import PYTHON, WAYS, Bed, Row, Rows, solve_s, words

OURS = "bench -j 1, executed and recorded in MLflow"
EXECUTED = "... executing alone: launch to journal"
ELSEWHERE = "... the same SCIP in an environment of its own: launch to journal"
EXECUTABLE = "... the scip shell as an executable: launch to journal"
RECORDED = "... recording alone, meanwhile"
STARTUP = "bench, a whole command of one task (start-up)"

TASK_RUNS = """
    select count(*) from runs r join experiments e on e.experiment_id = r.experiment_id
    where e.name = ? and r.status = 'FINISHED' and exists (
        select 1 from tags t where t.run_uuid = r.run_uuid and t.key = 'mlflow.parentRunId')
"""

Times = dict[str, dict[str, tuple[float, float]]]
"""Step -> instance -> (start, end)."""


def commands(bed: Bed, rows: Rows, n: int, jobs: int = 1) -> None:
    """Measure whole commands of n tasks and of one: what each task more costs."""
    many, alone = whole(bed, n, jobs), whole(bed, 1, jobs)
    row = rows[f"bench -j {jobs}, each task more of a command of {n}"]
    row.overheads.append((many.wall_s - alone.wall_s) / (n - 1) - many.solve_s / jobs / n)
    row.cpu.append((many.cpu_s - alone.cpu_s) / (n - 1))
    rows[STARTUP].overheads.append(alone.wall_s - alone.solve_s)
    rows[STARTUP].cpu.append(alone.cpu_s)


def elsewhere(bed: Bed, rows: Rows, n: int) -> None:
    """Execute ``bench run`` over n copies with the same SCIP in an environment of its own."""
    _added(bed, rows[ELSEWHERE], n, words("beside", "--python", PYTHON, "--solver", "scip"))


def executable(bed: Bed, rows: Rows, n: int) -> None:
    """Execute ``bench run`` over n copies with the scip shell, an executable."""
    program = bed.new() / "scip"
    program.write_text(f'#!/bin/sh\nexec {PYTHON} {WAYS / "scip_shell.py"} "$@"\n')
    program.chmod(0o755)
    _added(bed, rows[EXECUTABLE], n, words("shell", "--executable", program, "--like", "scip"))


def _added(bed: Bed, row: Row, n: int, solver: list[str]) -> None:
    """Add a solver by these words, the first of which is its name, and execute n copies with it.

    What counts is the time from the launch of each task to its journal, after the first one, which
    waits until the other interpreter has loaded SCIP.
    """
    folder = bed.new()
    bed.execute([*words(PYTHON, "-m", "bench", "solvers", "add"), *solver], folder)
    timed = words(PYTHON, WAYS / "bench_timed.py", folder / "events.json")
    command = [*timed, *arguments(bed, folder, n, 1), "--solver", solver[0]]
    solve = {
        row["instance"]: row["solve_time_s"]
        for row in json.loads(bed.execute(command, folder).printed)["results"]
    }
    at = times(folder / "events.json")
    first = min(solve, key=lambda name: at["launch"][name][0])
    row.overheads += [
        at["journal"][name][1] - at["launch"][name][0] - solve[name]
        for name in solve
        if name != first
    ]


def steady(bed: Bed, rows: Rows, n: int, jobs: int = 1) -> None:
    """Execute ``bench run`` over n copies, MLflow connected before the first task starts.

    What counts is the time from the launch of the first task to the end of the last one's MLflow
    run, for each task.
    """
    folder = bed.new()
    timed = words(PYTHON, WAYS / "bench_timed.py", folder / "events.json")
    spent = bed.execute(timed + arguments(bed, folder, n, jobs), folder)
    make_sure_of_runs(bed, folder, n)
    solve = {row["instance"]: row["solve_time_s"] for row in json.loads(spent.printed)["results"]}
    at = times(folder / "events.json")
    first = min(start for start, _ in at["launch"].values())
    last = max(end for _, end in at["record"].values())
    row = rows[OURS.replace("-j 1", f"-j {jobs}")]
    row.overheads.append((last - first - sum(solve.values()) / jobs) / n)
    if jobs == 1:
        execute = {name: at["journal"][name][1] - at["launch"][name][0] for name in solve}
        rows[EXECUTED].overheads += [execute[name] - solve[name] for name in solve]
        rows[RECORDED].overheads += [end - start for start, end in at["record"].values()]


@dataclass(frozen=True, slots=True)
class Whole:
    """A command as a user gives it, start-up and all; ``solve_s`` is the sum over its tasks."""

    wall_s: float
    cpu_s: float
    solve_s: float


def whole(bed: Bed, n: int, jobs: int = 1) -> Whole:
    """Execute ``bench run`` over n copies."""
    folder = bed.new()
    spent = bed.execute(words(PYTHON, "-m", "bench") + arguments(bed, folder, n, jobs), folder)
    make_sure_of_runs(bed, folder, n)
    return Whole(spent.wall_s, spent.cpu_s, solve_s(folder, n))


def arguments(bed: Bed, folder: Path, n: int, jobs: int) -> list[str]:
    """Return the command line after ``bench``; the experiment is named after the folder."""
    where = ["--experiment-name", folder.name, "--work-dir", str(folder / "work")]
    return ["run", str(bed.copies(n)), "--jobs", str(jobs), "--json", *where]


def make_sure_of_runs(bed: Bed, folder: Path, n: int) -> None:
    """Stop if the folder's experiment does not have a finished run of each task.

    The run of a single task is that of its setting.
    """
    with closing(sqlite3.connect(bed.database)) as store:
        found = store.execute(TASK_RUNS, [folder.name]).fetchone()[0]
    if n > 1 and found != n:
        raise SystemExit(f"{found} task runs in MLflow instead of {n}")


def times(file: Path) -> Times:
    """Return what ``ways/bench_timed.py`` wrote."""
    steps: Times = {}
    for step, instance, start, end in json.loads(file.read_text()):
        steps.setdefault(step, {})[instance] = start, end
    return steps
