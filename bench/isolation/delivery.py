"""How a task's processes hand over what they know: small JSON files, written atomically."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from bench.model.answer import Answer
from bench.model.execution import Sample, Termination

if TYPE_CHECKING:
    from pydantic import TypeAdapter


@dataclass(frozen=True, slots=True, kw_only=True)
class Testimony:
    """What the solver's process says at its end: the answer, and its own peak of memory."""

    answer: Answer
    peak_mib: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """What the supervisor saw of the solver's process.

    ``stopped`` and ``evidence`` say which outer limit made the supervisor end it, or are None.
    """

    started_at: float
    wall_s: float
    cpu_s: float | None = None
    peak_mib: float | None = None
    exit_code: int | None = None
    signal: int | None = None
    stopped: Termination | None = None
    evidence: str | None = None
    n_involuntary_switches: int | None = None
    n_leftovers: int = 0
    n_log_bytes_cut: int = 0
    samples: tuple[Sample, ...] = ()
    noise: tuple[str, ...] = ()


T = TypeVar("T", Testimony, Observation)


def hand_over(folder: Path, content: Testimony | Observation) -> None:
    """Write the content: the file is there whole, or not at all."""
    path = _path(folder, type(content))
    half = path.with_suffix(".half")
    half.write_text(json.dumps(asdict(content)))
    half.replace(path)


def receive(folder: Path, kind: type[T]) -> T | None:
    """Return what was handed over and remove the file; None if nothing was."""
    path = _path(folder, kind)
    try:
        content: T = _adapters()[kind].validate_json(path.read_bytes())
    except FileNotFoundError:
        return None
    path.unlink()
    return content


def _path(folder: Path, kind: type[Testimony | Observation]) -> Path:
    return folder / f"{kind.__name__.lower()}.json"


@cache
def _adapters() -> dict[type[Testimony | Observation], TypeAdapter[Any]]:
    from pydantic import TypeAdapter  # noqa: PLC0415  never in a solver's process

    return {Testimony: TypeAdapter(Testimony), Observation: TypeAdapter(Observation)}
