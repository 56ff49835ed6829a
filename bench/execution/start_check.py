"""The check of a start solution, before a solver gets it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bench.errors import BenchError, UsageError
from bench.execution.solution_check import examine
from bench.model.results.verification import Level
from bench.verification.solutions import describe_verification


@dataclass(frozen=True, slots=True, kw_only=True)
class StartCheck:
    """The outcome as text, e.g. ``is feasible to 1e-9``; ``refusal`` is why it is not a start."""

    text: str = ""
    feasible: bool = True
    refusal: str = ""


def check_start(instance: Path, misread_by: tuple[str, ...], path: Path) -> StartCheck:
    """Check a solution file against its instance in exact arithmetic; no exception is raised."""
    try:
        found = examine(instance, path, misread_by=misread_by)
    except UsageError as error:
        return StartCheck(feasible=False, refusal=str(error).removeprefix(f"{path}: "))
    except BenchError as error:
        return StartCheck(feasible=False, text=f"was not checked: {error}")
    except MemoryError:
        return StartCheck(feasible=False, text="was not checked: out of memory")
    text = describe_verification(found)
    if found.objective is not None:
        text += f", objective value {found.objective:.10g}"
    return StartCheck(text=text, feasible=found.skipped is None and found.level is not Level.NONE)
