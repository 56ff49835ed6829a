"""How a task's processes hand over what they know: small JSON files, written atomically."""

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
    """What the solver's process says at its end: the answer, and its own peak of memory."""

    answer: SolverOutput
    peak_mib: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SupervisorReport:
    """What the supervisor saw of the solver's process.

    ``stopped`` and ``evidence`` say which outer limit made the supervisor end it, or are None.
    ``exit_code`` is that of the solver's process; ``answer_code`` stands for it where an executable
    was in its place, whose exit code means something else: what has become of reading its answer.
    ``lacking`` is what the machine lacked right after the solver's process had failed, or None.
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
    """What of an answer matters to the check of its solution."""

    status: str
    primal_bound: float | None
    read_time_s: float | None


T = TypeVar("T", SolverReport, SupervisorReport, Verification)
Content = SolverReport | SupervisorReport | Verification
LARGEST_BYTES = 64 << 20
"""More is no answer: a trace of a million points has less."""
Number = int | float | None
KEPT = frozenset({Verification})
"""What stays in the folder, to be read by people."""


class BadContentError(ValueError):
    """What a process of the task has left is none of these contents; the message says why."""


def write_json(folder: Path, content: Content) -> None:
    """Write the content: the file is there whole, or not at all.

    Scalars of numpy are written as the numbers they are; BadContentError for what JSON cannot hold.
    """
    path = _path(folder, type(content))
    half = path.with_suffix(".half")
    text = to_json(content, indent=2 if type(content) in KEPT else None)
    half.write_bytes(text)
    half.replace(path)


def make_way(folder: Path, kind: type[Content]) -> None:
    """Remove whatever a solver has left where a content is to be written, its folder or not."""
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
    """Return the content as JSON; errors as of `write_json`."""
    try:
        text = json.dumps(asdict(content), indent=indent, default=_number, ensure_ascii=False)
        return f"{text}\n".encode()
    except UnicodeEncodeError as error:
        raise BadContentError("a text has half a character (a lone surrogate)") from error
    except (TypeError, ValueError, RecursionError) as error:
        raise BadContentError(str(error)) from error


def _number(value: Any) -> Any:
    """Return the number that a scalar of numpy is; TypeError for anything else."""
    if getattr(value, "ndim", None) == 0 and hasattr(value, "item"):
        return value.item()
    raise TypeError(f"{type(value).__name__} is not a type that an answer can hold")


def read_claim(folder: Path) -> SolutionClaim | None:
    """Return the claim in the solver's report, which stays where it is; None without an answer."""
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
    """Return what was handed over, None if nothing was; the file of a verification stays.

    BadContentError for anything else that is found there, of whatever type and size; MachineError
    where it is the machine that cannot read.
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
    """Return the solver's report, None without one; what is none is an answer that says so."""
    try:
        return read_json(folder, SolverReport)
    except BadContentError as error:
        return SolverReport(answer=bad_answer(str(error)), peak_mib=None)


def bad_answer(reason: str) -> SolverOutput:
    """Return the answer in place of one that cannot be used."""
    return SolverOutput(error=f"the solver's answer cannot be used: {reason}")


def from_json(text: bytes, kind: type[T]) -> T:
    """Return the content of a JSON text; BadContentError says where it is none."""
    from pydantic import ValidationError  # noqa: PLC0415  never in a solver's process

    from bench.journal.line import problem_text  # noqa: PLC0415  not in the fork server

    try:
        content: T = adapters()[kind].validate_json(text)
    except ValidationError as error:
        raise BadContentError(problem_text(error)) from error
    return content


def read_bytes(folder: Path, kind: type[Content]) -> bytes:
    """Return the file of a content; OSError where it is no regular file, or far too large."""
    text = task_files.read_start(_path(folder, kind), LARGEST_BYTES + 1)
    if len(text) > LARGEST_BYTES:
        raise OSError(f"it has more than {LARGEST_BYTES >> 20} MiB")
    return text


def _path(folder: Path, kind: type[Content]) -> Path:
    return folder / f"{kind.__name__.lower()}.json"


@cache
def adapters() -> dict[type[Content], TypeAdapter[Any]]:
    """Return what reads and writes the messages of each kind; it takes 0.05 s to make."""
    from pydantic import TypeAdapter  # noqa: PLC0415  never in a solver's process

    return {kind: TypeAdapter(kind) for kind in (SolverReport, SupervisorReport, Verification)}
