"""The messages between a task's processes: small JSON files, written atomically."""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from bench.execution.process import machine, task_files
from bench.model.results.process_stats import Sample, Termination
from bench.model.results.solver_output import SolverOutput
from bench.model.results.verification import Verification

if TYPE_CHECKING:
    from pydantic import TypeAdapter


@dataclass(frozen=True, slots=True, kw_only=True)
class SolverReport:
    """The final report of the solver's process: the answer, and its own peak of memory."""

    answer: SolverOutput
    peak_mib: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SupervisorReport:
    """The supervisor's observations of the solver's process.

    ``stopped`` and ``evidence`` say for which outer limit the supervisor ended it, or are None.
    ``exit_code`` is that of the solver's process. ``answer_code`` replaces it for an executable,
    whose exit code has another meaning: it is the result of reading its answer. ``lacking`` is what
    the machine lacked just after the solver's process failed, or None.
    """

    started_at: float
    wall_s: float
    cpu_s: float | None = None
    peak_mib: float | None = None
    exit_code: int | None = None
    answer_code: int | None = None
    signal: int | None = None
    stopped: Termination | None = None
    evidence: str | None = None
    lacking: str | None = None
    n_involuntary_switches: int | None = None
    n_leftovers: int = 0
    n_log_bytes_cut: int = 0
    samples: tuple[Sample, ...] = ()
    noise: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SolutionClaim:
    """The part of an answer that the check of its solution needs."""

    status: str
    primal_bound: float | None
    read_time_s: float | None


T = TypeVar("T", SolverReport, SupervisorReport, Verification)
Content = SolverReport | SupervisorReport | Verification
LARGEST_BYTES = 64 << 20
"""The largest valid answer; a trace of a million points is smaller."""
Number = int | float | None
KEPT = frozenset({Verification})
"""The file that stays in the folder for users."""


class BadContentError(ValueError):
    """The content of a file is not a valid message; the error says why."""


def write_json(folder: Path, content: Content) -> None:
    """Write the content completely or not at all.

    Numpy scalars are written as plain numbers. Raise BadContentError for values that JSON cannot
    represent.
    """
    path = _path(folder, type(content))
    half = path.with_suffix(".half")
    text = to_json(content, indent=2 if type(content) in KEPT else None)
    half.write_bytes(text)
    half.replace(path)


def make_way(folder: Path, kind: type[Content]) -> None:
    """Remove anything that a solver has left at the path of a message, or of its folder."""
    if not folder.is_dir() or folder.is_symlink():
        folder.unlink(missing_ok=True)
        folder.mkdir()
    path = _path(folder, kind)
    for each in (path, path.with_suffix(".half")):
        if each.is_dir() and not each.is_symlink():
            shutil.rmtree(each)
        else:
            each.unlink(missing_ok=True)


def to_json(content: Content, indent: int | None = None) -> bytes:
    """Return the content as JSON; errors as in `write_json`."""
    try:
        text = json.dumps(asdict(content), indent=indent, default=_number, ensure_ascii=False)
        return f"{text}\n".encode()
    except UnicodeEncodeError as error:
        raise BadContentError("a text has half a character (a lone surrogate)") from error
    except (TypeError, ValueError, RecursionError) as error:
        raise BadContentError(str(error)) from error


def _number(value: Any) -> Any:
    """Return the number in a numpy scalar; TypeError for anything else."""
    if getattr(value, "ndim", None) == 0 and hasattr(value, "item"):
        return value.item()
    raise TypeError(
        f"{type(value).__name__} cannot be part of an answer: its type is not supported"
    )


def read_claim(folder: Path) -> SolutionClaim | None:
    """Return the claim in the solver's report, which is kept; None without an answer."""
    try:
        answer = read_bytes(folder, SolverReport)
        claimed = json.loads(answer)["answer"]
        status, primal, read_time_s = (
            claimed[name] for name in ("status", "primal_bound", "read_time_s")
        )
    except (OSError, ValueError, TypeError, KeyError):
        return None
    if status is None or not all(isinstance(each, Number) for each in (primal, read_time_s)):
        return None
    return SolutionClaim(status, primal, read_time_s)


def read_json(folder: Path, kind: type[T]) -> T | None:
    """Return the message in a file, None if there is none; the file of a verification is kept.

    Raise BadContentError for any other content, of any type and size; MachineError if the machine
    prevents reading.
    """
    try:
        content = from_json(read_bytes(folder, kind), kind)
    except FileNotFoundError:
        return None
    except OSError as error:
        machine.raise_fault(error)
        raise BadContentError(error.strerror or str(error)) from error
    if kind not in KEPT:
        _path(folder, kind).unlink()
    return content


def read_solver_report(folder: Path) -> SolverReport | None:
    """Return the solver's report, None without one; an invalid one becomes an answer."""
    try:
        return read_json(folder, SolverReport)
    except BadContentError as error:
        return SolverReport(answer=bad_answer(str(error)), peak_mib=None)


def bad_answer(reason: str) -> SolverOutput:
    """Return the answer that replaces an unusable one."""
    return SolverOutput(error=f"the solver's answer cannot be used: {reason}")


def from_json(text: bytes, kind: type[T]) -> T:
    """Return the content of a JSON text; BadContentError says where it is invalid."""
    from pydantic import ValidationError  # noqa: PLC0415  never in a solver's process

    from bench.journal.line import problem_text  # noqa: PLC0415  not in the fork server

    try:
        content: T = adapters()[kind].validate_json(text)
    except ValidationError as error:
        raise BadContentError(problem_text(error)) from error
    return content


def read_bytes(folder: Path, kind: type[Content]) -> bytes:
    """Return the bytes of a file; OSError if it is not a regular file, or far too large."""
    text = task_files.read_start(_path(folder, kind), LARGEST_BYTES + 1)
    if len(text) > LARGEST_BYTES:
        raise OSError(f"it has more than {LARGEST_BYTES >> 20} MiB")
    return text


def _path(folder: Path, kind: type[Content]) -> Path:
    return folder / f"{kind.__name__.lower()}.json"


@cache
def adapters() -> dict[type[Content], TypeAdapter[Any]]:
    """Return the readers and writers of each kind of message; creating them takes 0.05 s."""
    from pydantic import TypeAdapter  # noqa: PLC0415  never in a solver's process

    return {kind: TypeAdapter(kind) for kind in (SolverReport, SupervisorReport, Verification)}
