"""What the report costs: 1,000 and 10,000 results with traces and logs.

::

    python benchmarks/report.py            both, each three times: a minute
    python benchmarks/report.py --size 100

The results are made up: five settings, two seeds, a trace of 60 points and a log of 60 lines each,
one in 50 wrong or at a limit. `bench report` is executed as a command, the page opened by Chromium
where there is one: what is told is when the page is loaded and all of its script has run.
docs/performance.md explains the table.
"""

from __future__ import annotations

import argparse
import json
import math
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from random import Random

from bench.instances.generators.families import FAMILIES
from bench.journal import manifest
from bench.journal.journal import JOURNAL
from bench.journal.line import to_line
from bench.model.instances.instance import Instance
from bench.model.instances.problem import ProblemStatistics, Sense
from bench.model.limits import Limits
from bench.model.planned_task import planned_task
from bench.model.results.process_stats import ProcessStats, Termination
from bench.model.results.result import Result
from bench.model.results.solver_output import SolverOutput, TracePoint
from bench.model.results.verdict import Category, Verdict, VerdictKind
from bench.model.results.verification import Level, Verification
from bench.model.setting import Setting
from bench.model.task import Task

SIZES = (1_000, 10_000)
REPEATS = 3
N_SETTINGS, N_SEEDS, N_POINTS, N_LINES = 5, 2, 60, 60
LOG_LINE = (
    "{0:5.1f}s|{1:6d} |{1:6d} |{2:7d} |  12.5 |  17M | 812 | 310 |{3:14.6e} |{4:14.6e} | 3.1%\n"
)
DRAW = Random(0)  # noqa: S311 - no secrets
BROWSER_FLAGS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage")


def main() -> None:
    """Print a row a size."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", type=int, action="append", help="how many results")
    sizes = parser.parse_args().size or SIZES
    print(f"Python {platform.python_version()}; {REPEATS} times each, the least is told")
    print(f"{'results':>8} {'bench report':>13} {'size':>10} {'opened in':>10}")
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder:
            work = Path(folder)
            sweep(work / "bench-work" / "made-up", size)
            took = min(_report(work) for _ in range(REPEATS))
            page = work / "report.html"
            opened = min(_opened(page) for _ in range(REPEATS))
            mib = page.stat().st_size / 2**20
            print(f"{size:8d} {took:11.2f} s {mib:6.2f} MiB {opened:8.2f} s", flush=True)


def sweep(folder: Path, size: int) -> None:
    """Write a campaign of made-up results into a folder."""
    folder.mkdir(parents=True)
    results = list(_results(folder, size))
    with (folder / JOURNAL).open("wb") as file:
        file.writelines(to_line(result, folder) for result in results)
    settings = {result.task.setting.name: result.task.setting for result in results}
    plan = manifest.Manifest(
        campaign_id="0" * 32,
        name="made-up",
        kind="sweep",
        command=("bench", "sweep", "made-up.yaml"),
        created_at=0.0,
        jobs=1,
        instance_set="made-up",
        baseline="default",
        settings=tuple(settings.values()),
        tasks=tuple(planned_task(result.task) for result in results),
    )
    (folder / manifest.MANIFEST).write_text(json.dumps(asdict(plan)))


def _results(folder: Path, size: int) -> Iterator[Result]:
    names = list(FAMILIES)
    for at in range(size // (N_SETTINGS * N_SEEDS)):
        instance = f"{names[at % len(names)]}-{at}"
        optimum = 1000.0 * DRAW.random()
        hardness = DRAW.lognormvariate(1, 1.5)
        for k in range(N_SETTINGS):
            for seed in range(N_SEEDS):
                setting = Setting(
                    name=f"maxrounds={k}" if k else "default",
                    solver="scip",
                    params={"separating/maxrounds": k} if k else {},
                )
                seconds = hardness * (1 + 0.05 * k) * DRAW.lognormvariate(0, 0.2)
                yield _result(folder, instance, setting, seed, (optimum, seconds))


def _result(
    folder: Path, instance: str, setting: Setting, seed: int, cost: tuple[float, float]
) -> Result:
    optimum, seconds = cost
    task = Task(
        instance=Instance(name=instance, path=Path(f"{instance}.mps"), digest=instance),
        setting=setting,
        solver_version="10.0.2",
        seed=seed,
        limits=Limits(time_s=60.0),
    )
    own = folder / "tasks" / task.key[:16]
    own.mkdir(parents=True)
    trace = tuple(_trace(optimum, seconds))
    lines = (
        LOG_LINE.format(p.time_s, p.n_nodes, 7 * p.n_nodes, p.dual_bound, p.primal_bound)
        for p in trace[:N_LINES]
    )
    (own / "solver.log").write_text("".join(lines))
    limited = seconds > 60
    return Result(
        task=task,
        answer=SolverOutput(
            status="timelimit" if limited else "optimal",
            primal_bound=trace[-1].primal_bound,
            dual_bound=trace[-1].dual_bound,
            gap=0.1 if limited else 0.0,
            n_nodes=DRAW.randint(1, 100_000),
            n_lp_iterations=DRAW.randint(1, 1_000_000),
            solve_time_s=min(seconds, 60.0),
            problem=_problem(),
            trace=trace,
            versions={"scip": "10.0.2"},
        ),
        execution=ProcessStats(
            termination=Termination.TIME if limited else Termination.NORMAL,
            evidence="the solver answered and its process ended with exit code 0",
            started_at=1_760_000_000.0 + 60 * seed,
            wall_s=seconds + 0.1,
            cpu_s=seconds,
            peak_mib=DRAW.uniform(40, 400),
        ),
        verdict=_verdict(limited=limited),
        folder=own,
        verification=Verification(
            level=Level.CLAIMED, reader="highs", independent=True, exact=True
        ),
    )


def _verdict(*, limited: bool) -> Verdict:
    if limited:
        return Verdict(Category.LIMIT, "the time limit of 60 s was reached", VerdictKind.TIME)
    if DRAW.random() < 0.01:
        return Verdict(
            Category.WRONG, "the objective value is 1, known is 2", VerdictKind.OBJECTIVE
        )
    return Verdict(Category.SOLVED, "optimal, and the value agrees with the reference")


def _trace(optimum: float, seconds: float) -> Iterator[TracePoint]:
    room = 100.0 + 100.0 * DRAW.random()
    for at in range(N_POINTS):
        gap = room * (1 - at / (N_POINTS - 1))
        yield TracePoint(
            seconds * at / (N_POINTS - 1), optimum + gap, optimum - gap / 2, n_nodes=at * at
        )


def _problem() -> ProblemStatistics:
    n = DRAW.randint(10, 10_000)
    return ProblemStatistics(
        n_vars=2 * n,
        n_bins=n,
        n_ints=0,
        n_conts=n,
        n_conss=n,
        n_nonzeros=7 * n,
        n_equalities=0,
        n_bins_declared=n,
        n_ints_declared=0,
        sense=Sense.MINIMIZE,
        objective_offset=0.0,
        classes={"knapsack": n // 2, "setcovering": n - n // 2},
    )


def _report(work: Path) -> float:
    start = time.perf_counter()
    command = [sys.executable, "-m", "bench", "report", "made-up"]
    subprocess.run(command, cwd=work, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def _opened(page: Path) -> float:
    """Return the seconds until a page is loaded, its script included; NaN without a browser."""
    driver = shutil.which("chromedriver")
    if driver is None:
        return math.nan
    from selenium.webdriver import Chrome  # noqa: PLC0415 - bench does not need it
    from selenium.webdriver.chrome.options import Options  # noqa: PLC0415 - see above
    from selenium.webdriver.chrome.service import Service  # noqa: PLC0415 - see above

    options = Options()
    for flag in BROWSER_FLAGS:
        options.add_argument(flag)
    with Chrome(options=options, service=Service(driver)) as browser:
        browser.get(page.as_uri())
        loaded = "return performance.getEntriesByType('navigation')[0].loadEventEnd / 1000"
        return float(browser.execute_script(loaded))


if __name__ == "__main__":
    main()
