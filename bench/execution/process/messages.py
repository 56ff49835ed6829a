"""How a task's processes hand over what they know: small JSON files, written atomically."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from bench.model.process_stats import Sample, Termination
from bench.model.solver_output import SolverOutput
from bench.model.verification import Verification

if TYPE_CHECKING:
    from pydantic import TypeAdapter


@dataclass(frozen=True, slots=True, kw_only=True)
class SolverReport:
    """What the solver's process says at its end: the answer, and its own peak of memory."""

    answer: SolverOutput
    peak_mib: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SupervisorReport:
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


@dataclass(frozen=True, slots=True)
class SolutionClaim:
    """What of an answer matters to the check of its solution."""

    status: str
    primal_bound: float | None
    read_time_s: float | None


T = TypeVar("T", SolverReport, SupervisorReport, Verification)
Content = SolverReport | SupervisorReport | Verification
KEPT = frozenset({Verification})
"""What stays in the folder, to be read by people."""


def write_json(folder: Path, content: Content) -> None:
    """Write the content: the file is there whole, or not at all."""
    path = _path(folder, type(content))
    half = path.with_suffix(".half")
    text = json.dumps(asdict(content), indent=2 if type(content) in KEPT else None)
    half.write_text(f"{text}\n")
    half.replace(path)


def read_claim(folder: Path) -> SolutionClaim | None:
    """Return the claim in the solver's report, which stays where it is; None without an answer."""
    try:
        answer = json.loads(_path(folder, SolverReport).read_bytes())["answer"]
    except (OSError, ValueError):
        return None
    if answer["status"] is None:
        return None
    return SolutionClaim(answer["status"], answer["primal_bound"], answer["read_time_s"])


def read_json(folder: Path, kind: type[T]) -> T | None:
    """Return what was handed over, None if nothing was; the file of a verification stays."""
    path = _path(folder, kind)
    try:
        content: T = _adapters()[kind].validate_json(path.read_bytes())
    except FileNotFoundError:
        return None
    if kind not in KEPT:
        path.unlink()
    return content


def _path(folder: Path, kind: type[Content]) -> Path:
    return folder / f"{kind.__name__.lower()}.json"


@cache
def _adapters() -> dict[type[Content], TypeAdapter[Any]]:
    from pydantic import TypeAdapter  # noqa: PLC0415  never in a solver's process

    return {kind: TypeAdapter(kind) for kind in (SolverReport, SupervisorReport, Verification)}
