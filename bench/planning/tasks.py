"""The tasks of a campaign, in the order in which they are executed."""

from __future__ import annotations

import itertools
import random
import statistics
from collections.abc import Iterable, Mapping, Sequence

from bench.errors import UsageError
from bench.model.instances.instance import Instance
from bench.model.limits import Limits
from bench.model.setting import Setting
from bench.model.sweep import Sweep, TaskOrder
from bench.model.task import Task

LARGEST_SEED = 2**31 - 1
"""The largest int of SCIP and others."""

LARGEST_COUNT = 10_000


def tasks(  # noqa: PLR0913  the sides of the matrix
    instances: Sequence[Instance],
    settings: Sequence[Setting],
    seeds: Sequence[int],
    limits: Limits | Mapping[str, Limits],
    versions: Mapping[str, str],
    *,
    permutations: Sequence[int] = (0,),
    default_gaps: Mapping[str, float | None] | None = None,
) -> list[Task]:
    """Return every combination as listed: instance by instance, its settings next to each other.

    ``limits`` are common to all settings, or by the name of the setting. ``versions`` has the
    version of each solver by its name, ``default_gaps`` the gap at which it stops by default.
    """
    gaps = default_gaps or {}
    return [
        Task(
            instance=instance,
            setting=setting,
            seed=seed,
            permutation=permutation,
            limits=limits if isinstance(limits, Limits) else limits[setting.name],
            solver_version=versions[setting.solver],
            default_gap=gaps.get(setting.solver),
        )
        for instance in _distinct(instances)
        for seed in seeds
        for permutation in permutations
        for setting in settings
    ]


def _distinct(instances: Iterable[Instance]) -> list[Instance]:
    """Return the instances without copies of the same name and content."""
    return list({(one.name, one.digest or one.path): one for one in instances}.values())


def sweep_tasks(
    sweep: Sweep,
    instances: Sequence[Instance],
    versions: Mapping[str, str],
    expected: Mapping[str, float] | None = None,
    default_gaps: Mapping[str, float | None] | None = None,
) -> list[Task]:
    """Return the tasks of a sweep over the instances that were found, in its order.

    ``expected`` has the expected seconds of a task on an instance, by the instance's name, if
    known. ``default_gaps`` is as in `tasks`.
    """
    if sweep.order is TaskOrder.INTERLEAVED:
        instances = shuffled(instances, sweep.shuffle_seed, expected or {})
    planned = tasks(
        instances,
        sweep.settings,
        sweep.seeds,
        sweep.limits,
        versions,
        permutations=sweep.permutations,
        default_gaps=default_gaps,
    )
    if sweep.order is TaskOrder.GIVEN:
        return planned
    return _shuffled_groups(planned, len(sweep.settings), sweep.shuffle_seed)


def shuffled(
    instances: Sequence[Instance], seed: int, expected: Mapping[str, float]
) -> list[Instance]:
    """Return the instances shuffled, those with the longest expected duration first.

    Unknown instances are placed at the median of the known ones. Equal seeds give equal orders, for
    any order of the instances.
    """
    usual = statistics.median(expected.values()) if expected else 0.0
    order = sorted(instances, key=lambda one: (one.label, str(one.path)))
    random.Random(seed).shuffle(order)  # noqa: S311  no secret
    return sorted(order, key=lambda one: expected.get(one.label, usual), reverse=True)


def _shuffled_groups(planned: list[Task], size: int, seed: int) -> list[Task]:
    """Shuffle the settings within each group, so that none is always the first to run."""
    generator = random.Random(seed)  # noqa: S311  no secret
    groups = [planned[i : i + size] for i in range(0, len(planned), size)]
    for group in groups:
        generator.shuffle(group)
    return list(itertools.chain.from_iterable(groups))


def seeds(text: str) -> list[int]:
    """Return the seeds of a text: ``3`` -> 0, 1, 2; ``4,7`` -> 4, 7; ``4,`` -> 4.

    Raise UsageError for anything else.
    """
    return _parse_int_list(text, "seeds")


def permutations(text: str) -> list[int]:
    """Return the permutations of a text, as :func:`seeds` does; 0 is the instance as it is."""
    return _parse_int_list(text, "permutations")


def _parse_int_list(text: str, what: str) -> list[int]:
    try:
        numbers = [int(part) for part in text.strip().removesuffix(",").split(",")]
        is_count = "," not in text
        problem = _problem_of_count(numbers[0]) if is_count else _problem_of_list(numbers)
    except ValueError:
        problem = "expected a count (3) or a list (0,4,7)"
    if problem:
        raise UsageError(f"{what} {text!r}: {problem}")
    return list(range(numbers[0])) if is_count else numbers


def _problem_of_count(number: int) -> str:
    if number < 1:
        return "at least one is needed"
    if number > LARGEST_COUNT:
        return f"a count is at most {LARGEST_COUNT}; a list of one is written {number},"
    return ""


def _problem_of_list(numbers: list[int]) -> str:
    if len(set(numbers)) < len(numbers) or not all(0 <= one <= LARGEST_SEED for one in numbers):
        return f"expected different numbers from 0 to {LARGEST_SEED}"
    return ""
