"""The stored state of a tuning next to its journal: the split, and the progress.

The split is written before anything is solved, and never again. The progress can be recomputed from
the journal at any time; it is only for display.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from bench.errors import TrackingError, UsageError
from bench.model.setting import ParameterValue
from bench.model.whole_files import written_whole
from bench.tuning.ablation import Ablation
from bench.tuning.race import Standing
from bench.tuning.scores import Objective

SPLIT = "split.json"
PROGRESS = "tuning.json"
TEST = "test.yaml"
"""The test as a sweep file, in the folder of the tuning."""
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """Training and test set: the digests of their instances, and their names for people.

    ``begun_with`` has the options that another race would follow from, with their values.
    """

    train: tuple[str, ...]
    test: tuple[str, ...]
    names: Mapping[str, str] = field(default_factory=dict)
    begun_with: Mapping[str, str] = field(default_factory=dict)


class Phase(StrEnum):
    """The phase of a tuning: race, reasons for the winner, test, or done."""

    RACE = "race"
    TEST = "test"
    DONE = "done"


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """The progress of a tuning.

    ``spent_s`` of ``budget_s`` CPU seconds are spent, of which the race gets ``race_budget_s``.
    ``params`` and ``changes`` are those of the ``incumbent``; ``tested`` are the parameters of the
    winner that the test set was used for. ``conclusions`` are the sentences of the test, and
    ``better`` is the setting that is better than stock by it (empty: none). ``nothing_to_gain`` is
    the reason why there was no race. ``n_train`` training instances were solved (0: unknown).
    """

    phase: Phase
    objective: Objective
    spent_s: float
    race_budget_s: float
    budget_s: float
    incumbent: str
    changes: str
    params: Mapping[str, ParameterValue]
    n_candidates: int
    n_solves: int
    standings: tuple[Standing, ...] = ()
    why: Ablation | None = None
    tested: Mapping[str, ParameterValue] | None = None
    n_test_instances: int = 0
    n_test_seeds: int = 0
    conclusions: tuple[str, ...] = ()
    better: str = ""
    nothing_to_gain: str = ""
    n_train: int = 0


def name_of_test(name: str) -> str:
    """Return the name of the sweep that tests a tuning."""
    return f"{name}-test"


def write_split(folder: Path, split: Split) -> None:
    """Write the split, synchronised to disk."""
    _write(folder / SPLIT, json.dumps(asdict(split), indent=1))


def read_split(folder: Path) -> Split | None:
    """Return the split of a tuning, None if there is none yet. UsageError if it is damaged."""
    return _read(folder / SPLIT, Split)


def write_progress(folder: Path, progress: Progress) -> None:
    """Write the progress of a tuning."""
    _write(folder / PROGRESS, json.dumps(asdict(progress), default=str))


def read_progress(folder: Path) -> Progress | None:
    """Return the progress of a tuning, None if there is none. UsageError if it is damaged."""
    return _read(folder / PROGRESS, Progress)


def _write(path: Path, text: str) -> None:
    try:
        with written_whole(path) as partial, partial.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise TrackingError(f"cannot write {path}: {error.strerror}") from error


def _read(path: Path, kind: type[T]) -> T | None:
    from pydantic import TypeAdapter, ValidationError  # noqa: PLC0415 - 0.1 s

    try:
        found: T = TypeAdapter(kind).validate_json(path.read_bytes())
    except FileNotFoundError:
        return None
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from error
    except ValidationError as error:
        raise UsageError(
            f"{path}: damaged ({error.error_count()} errors); start the tuning again with --fresh"
        ) from error
    return found
