"""The tasks of a campaign, in the order in which they are executed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bench.errors import UsageError
from bench.model.instance import Instance
from bench.model.limits import Limits
from bench.model.setting import Setting
from bench.model.task import Task


def tasks(
    instances: Sequence[Instance],
    settings: Sequence[Setting],
    seeds: Sequence[int],
    limits: Limits,
    versions: Mapping[str, str],
) -> list[Task]:
    """Return every combination: instance by instance, with all settings next to each other.

    ``versions`` has the version of each solver by its name.
    """
    return [
        Task(
            instance=instance,
            setting=setting,
            seed=seed,
            limits=limits,
            solver_version=versions[setting.solver],
        )
        for instance in instances
        for seed in seeds
        for setting in settings
    ]


def seeds(text: str) -> list[int]:
    """Return the seeds meant: ``3`` -> 0, 1, 2; ``4,7`` -> 4, 7. UsageError for anything else."""
    try:
        numbers = [int(part) for part in text.split(",")]
    except ValueError:
        raise UsageError(f"seeds {text!r}: expected a count (3) or a list (0,4,7)") from None
    if "," not in text:
        if numbers[0] < 1:
            raise UsageError(f"seeds {text!r}: at least one is needed")
        return list(range(numbers[0]))
    if min(numbers) < 0 or len(set(numbers)) < len(numbers):
        raise UsageError(f"seeds {text!r}: expected different numbers from 0 on")
    return numbers
