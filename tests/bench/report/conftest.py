"""Results of made-up sweeps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from bench.comparison.sources import RecordedResults
from bench.journal.table import frame
from bench.model.instances.instance import Instance
from bench.model.limits import Limits
from bench.model.results.process_stats import ProcessStats, Termination
from bench.model.results.result import Result
from bench.model.results.solver_output import SolverOutput, TracePoint
from bench.model.results.verdict import Category, Verdict
from bench.model.setting import Setting
from bench.model.task import Task

Make = Callable[..., RecordedResults]
TRACE = tuple(TracePoint(float(t), 20.0 - t, 5.0 + t, n_nodes=t) for t in range(8))


def result(
    folder: Path, instance: str, setting: str, seed: int, category: Category = Category.SOLVED
) -> Result:
    """Return a result with a trace; its log is in a folder of its own, if that exists."""
    return Result(
        task=Task(
            instance=Instance(name=instance, path=Path(f"{instance}.mps"), digest=instance),
            setting=Setting(name=setting, solver="scip", params={"limits/gap": 0.0}),
            solver_version="10",
            seed=seed,
            limits=Limits(time_s=60),
        ),
        answer=SolverOutput(
            status="optimal",
            primal_bound=8.0,
            dual_bound=8.0,
            solve_time_s=1.0 + len(instance) + len(setting) % 7 + seed,
            n_nodes=seed,
            trace=TRACE,
        ),
        execution=ProcessStats(
            termination=Termination.NORMAL,
            evidence="it answered",
            started_at=1_700_000_000.0 + seed,
            wall_s=2.0,
        ),
        verdict=Verdict(category, "it agrees with the reference"),
        folder=folder / f"{instance}-{seed}".replace("/", "_")[:100],
    )


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Return a function that makes the results of these settings on these instances."""

    def made(
        settings: Sequence[str],
        instances: Sequence[str] = ("gap-1", "gap-22", "tsp-333"),
        seeds: int = 2,
        wrong: str | None = None,
    ) -> RecordedResults:
        results = tuple(
            result(
                tmp_path,
                instance,
                setting,
                seed,
                Category.WRONG if instance == wrong else Category.SOLVED,
            )
            for setting in settings
            for instance in instances
            for seed in range(seeds)
        )
        return RecordedResults(
            table=frame(results), names=("mine",), results=results, commands=("bench sweep a.yaml",)
        )

    return made
