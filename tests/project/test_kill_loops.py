"""Sweeps whose processes are killed again and again: nothing is lost, done twice, or false."""

from __future__ import annotations

import logging
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest

from bench.instances.generators.families import generate
from bench.instances.generators.linear_model import to_mps
from bench.journal.journal import Journal
from bench.model.results.result import Result
from bench.model.results.verdict import Category
from bench.store.run_keys import KEY

OPTIMUM = -8.0
N_TASKS = 48
MOST_STARTS = 60
"""So often the command is repeated until all tasks have a result."""
GRACE_S = 10.0
RUNS = f"""
    select r.status, k.value, t.value from runs r
    join tags k on k.run_uuid = r.run_uuid and k.key = 'bench.kind'
    left join tags t on t.run_uuid = r.run_uuid and t.key = '{KEY}'
    where r.lifecycle_stage = 'active'
"""
SOLVERS = {
    "fake": (
        *("--solver", "fake", "-p", "behaviour=sleep", "-p", "seconds=0.2", "-p", "value=-8"),
        *("-p", "solution=a=1 c=1", "-p", "code=1:24:1"),
    ),
    "scip": ("-p", "separating/maxrounds=0:23:1"),
}


def children(pid: int) -> list[int]:
    """Return the processes that a process has started; those of all its threads."""
    found: list[int] = []
    with suppress(OSError):
        for thread in Path(f"/proc/{pid}/task").iterdir():
            found += map(int, (thread / "children").read_text().split())
    return found


def _is_fork_server(pid: int) -> bool:
    with suppress(OSError):
        return b"forkserver" in Path(f"/proc/{pid}/cmdline").read_bytes()
    return False


@dataclass(slots=True)
class Tree:
    """The processes of one command, each by what it does."""

    main: int
    _solver_of: dict[int, int] = field(default_factory=dict)

    def fork_servers(self) -> list[int]:
        """Return the fork server while a task is executed."""
        return [pid for pid in self._servers() if any(map(children, children(pid)))]

    def supervisors(self) -> list[int]:
        """Return the processes between fork server and solver."""
        return [pid for server in self._servers() for pid in children(server) if children(pid)]

    def solvers(self) -> list[int]:
        """Return the first process that each supervisor was seen with."""
        return [self._seen(one)[0] for one in self.supervisors() if self._seen(one)[1]]

    def verifiers(self) -> list[int]:
        """Return what a supervisor starts after its solver."""
        found = []
        for one in self.supervisors():
            solver, _ = self._seen(one)
            found += [pid for pid in children(one) if pid != solver]
        return found

    def mains(self) -> list[int]:
        """Return the command itself while a task is executed."""
        return [self.main] if self.fork_servers() else []

    def _servers(self) -> list[int]:
        return [pid for pid in children(self.main) if _is_fork_server(pid)]

    def _seen(self, supervisor: int) -> tuple[int, bool]:
        """Return the solver of a supervisor, and whether it is still there."""
        now = children(supervisor)
        solver = self._solver_of.setdefault(supervisor, now[0] if now else 0)
        return solver, solver in now


VICTIMS: dict[str, Callable[[Tree], list[int]]] = {
    "main": Tree.mains,
    "fork server": Tree.fork_servers,
    "supervisor": Tree.supervisors,
    "solver": Tree.solvers,
    "verifier": Tree.verifiers,
}
START_UP = "start-up"


@dataclass(slots=True)
class KillLoop:
    """A command that is executed until it has succeeded, while somebody kills."""

    who: str
    arguments: list[str]
    cwd: Path
    env: dict[str, str]
    n_kills: int
    killed: int = 0
    moments: random.Random = field(default_factory=lambda: random.Random(7))

    def until_done(self) -> subprocess.CompletedProcess[bytes]:
        """Return the first command that succeeds once all kills are done or nothing is left."""
        for _ in range(MOST_STARTS):
            with (self.cwd / "output").open("wb") as output:
                process = subprocess.Popen(
                    self.arguments, cwd=self.cwd, env=self.env, stdout=output, stderr=output
                )
                if self.who == START_UP:
                    self._kill_at_start(process)
                else:
                    self._kill_meanwhile(process, Tree(process.pid))
                code = process.wait()
            if code == 0:
                break
        text = (self.cwd / "output").read_bytes()
        return subprocess.CompletedProcess(self.arguments, code, text)

    def _kill_at_start(self, process: subprocess.Popen[bytes]) -> None:
        if self.killed == self.n_kills:
            return
        with suppress(subprocess.TimeoutExpired):
            process.wait(self.moments.uniform(0.02, 1.5))
            return
        process.kill()
        self.killed += 1

    def _kill_meanwhile(self, process: subprocess.Popen[bytes], tree: Tree) -> None:
        find, next_at = VICTIMS[self.who], 0.0
        while process.poll() is None and self.killed < self.n_kills:
            found = find(tree)
            if found and time.monotonic() >= next_at:
                with suppress(ProcessLookupError):
                    os.kill(self.moments.choice(found), signal.SIGKILL)
                    self.killed += 1
                    next_at = time.monotonic() + self.moments.uniform(0.05, 0.6)
            else:
                time.sleep(0.0005)


def alive(cwd: Path) -> list[int]:
    """Return the processes that work in the folder."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if process.pid != os.getpid() and process.cwd() == str(cwd):
                found.append(process.pid)
    return found


def left_alive(cwd: Path) -> list[int]:
    """Return the processes that still work in the folder after a while."""
    end = time.monotonic() + GRACE_S
    while (found := alive(cwd)) and time.monotonic() < end:
        time.sleep(0.1)
    return found


def false(results: Iterable[Result], who: str) -> Iterator[str]:
    """Yield the results that say something untrue, given who was killed."""
    for one in results:
        is_right = one.verdict.solved and one.answer.primal_bound == OPTIMUM
        is_victim = who == "solver" and one.verdict.category is Category.KILLED
        unchecked = one.verification is None or one.verification.skipped is not None
        if not (is_right or is_victim) or (is_right and unchecked and who != "verifier"):
            yield f"{one.verdict.category}: {one.verdict.reason}; {one.level_or_reason}"


@pytest.mark.slow
@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize(
    ("who", "n_kills"),
    [pytest.param(who, 20, marks=pytest.mark.soak) for who in (*VICTIMS, START_UP)],
)
def test_whoever_is_killed_nothing_is_lost_doubled_or_false(
    tmp_path: Path,
    knapsack: Path,
    own_temp: dict[str, str],
    who: str,
    n_kills: int,
    solver: str,
) -> None:
    """In the journal and in MLflow; no run stays RUNNING, no process and no temporary file."""
    models = tmp_path / "models"
    models.mkdir()
    for i in range(2):
        (models / f"m{i}.mps").write_text(knapsack.read_text() + f"* {i}\n")
    command = [sys.executable, "-m", "bench", "sweep", str(models), "--name", "killed"]
    how = ["-j", "2", "--if-cores-taken", "share", *SOLVERS[solver]]
    loop = KillLoop(who, command + how, tmp_path, os.environ | own_temp, n_kills)
    done = loop.until_done()
    assert done.returncode == 0, done.stdout.decode()[-2000:]
    results = list(Journal(tmp_path / "bench-work" / "killed").results())
    keys = [one.task.key for one in results]
    with closing(sqlite3.connect(tmp_path / "mlflow.db")) as connection:
        rows = connection.execute(RUNS).fetchall()
    in_mlflow = [key for _, kind, key in rows if kind == "task"]
    found = {
        "kills": loop.killed,
        "lost": N_TASKS - len(set(keys)) + N_TASKS - len(set(in_mlflow)),
        "doubled": len(keys) - len(set(keys)) + len(in_mlflow) - len(set(in_mlflow)),
        "false": list(false(results, who)),
        "RUNNING": Counter(status for status, _, _ in rows)["RUNNING"],
        "processes": left_alive(tmp_path),
        "temporary files": [one.name for one in Path(own_temp["TMPDIR"]).iterdir()],
        "verdicts": dict(Counter(one.verdict.category.value for one in results)),
        "checked": Counter(one.level_or_reason for one in results),
    }
    logging.getLogger(__name__).info("%s, %s: %s", who, solver, found)
    nothing: dict[str, object] = {"lost": 0, "doubled": 0, "false": [], "RUNNING": 0}
    nothing |= {"processes": [], "temporary files": []}
    assert {name: found[name] for name in nothing} == nothing
    assert loop.killed >= n_kills * 3 // 4


@pytest.mark.soak
def test_a_tuning_that_is_killed_again_and_again_does_no_solve_twice(
    tmp_path: Path, own_temp: dict[str, str]
) -> None:
    """The same command continues, and comes to an end with a test that is done once."""
    models, moments, n_kills = tmp_path / "models", random.Random(3), 8
    models.mkdir()
    for seed in range(10):
        model = generate("auction", {"bids": 120}, seed)
        (models / f"auction-{seed}.mps").write_text(to_mps(model))
    command = [sys.executable, "-m", "bench", "tune", str(models), "--budget", "25s", "-j", "2"]
    command += ["--no-mlflow", "--if-cores-taken", "share"]
    for kill in range(n_kills + 1):
        with (tmp_path / "output").open("wb") as output:
            process = subprocess.Popen(
                command, cwd=tmp_path, env=os.environ | own_temp, stdout=output, stderr=output
            )
            if kill < n_kills:
                with suppress(subprocess.TimeoutExpired):
                    process.wait(moments.uniform(2.0, 8.0))
                process.kill()
            code = process.wait()
    assert code in {0, 5}, (tmp_path / "output").read_text()[-2000:]
    for name in ("tuning", "tuning-test"):
        folder = tmp_path / "bench-work" / name
        keys = [one.task.key for one in Journal(folder).results()] if folder.exists() else []
        assert len(keys) == len(set(keys))
    assert left_alive(tmp_path) == []
