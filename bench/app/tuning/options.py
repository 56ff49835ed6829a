"""The options of a tuning: the solver, the instances, and the budget."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

from bench.app.model_files import source_words
from bench.app.options import ExecutionOptions, Sources
from bench.errors import UsageError
from bench.instances.files import find
from bench.model.instances.instance import Instance
from bench.model.limits import Clock, Limits
from bench.planning.declaration import SOLVER
from bench.planning.limits import merged
from bench.tuning.sampling import SamplerName

NAME = "tuning"


@dataclass(frozen=True, slots=True, kw_only=True)
class TuneOptions(ExecutionOptions):
    """The solver and the instances of a tuning, and its budget of CPU time.

    - ``instances``: as for a sweep; they are split into training and test set before anything is
      solved, unless ``test`` names unseen ones
    - ``budget``: CPU seconds of all solves, over all jobs
    - ``space``: YAML file with the parameters that may change; None is the file that comes with the
      solver
    - ``solver``: the solver that is tuned
    - ``name``: name of the tuning and of its folder
    - ``sampler``: ``tpe``, ``random`` or ``qmc``
    - ``seed``: seed of split, order and sampler
    - ``fresh``: start again, and put the existing folder aside
    """

    instances: Sources = field(default=(), kw_only=False)
    budget: float = 3600.0
    space: str | Path | None = None
    test: str | Path | None = None
    solver: str = SOLVER
    name: str = NAME
    sampler: SamplerName | str = SamplerName.TPE
    seed: int = 0
    fresh: bool = False


def limits_of(options: TuneOptions, *, counts_cpu_time: bool) -> Limits:
    """Return the limits of each solve: CPU seconds if the solver counts them."""
    found = merged(options.limits(), {}, {})
    return replace(found, clock=Clock.CPU) if options.clock is None and counts_cpu_time else found


def instances_of(options: TuneOptions, work_dir: Path) -> tuple[list[Instance], list[Instance]]:
    """Return the instances to tune on or to split, and those given for the test."""
    words = source_words(options.instances, work_dir)
    if not words:
        raise UsageError("no instances; name some, e.g. bench tune models/ --budget 2h")
    found = find(words)
    tests = [] if options.test is None else find([str(options.test)])
    if options.test is not None and all(one.defect for one in tests):
        raise UsageError(f"--test {options.test}: the test set is empty; name unseen instances")
    return found, tests
