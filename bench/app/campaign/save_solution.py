"""Write the best solution of an instance to a file."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path

from bench.errors import BenchError, UsageError
from bench.model.instances.instance import Instance
from bench.model.instances.problem import Sense
from bench.model.results.result import Result
from bench.model.results.verdict import Category
from bench.model.results.verification import Level
from bench.model.workspace import Workspace


def check_output(instances: Sequence[Instance], output: Path) -> None:
    """Raise UsageError unless there is exactly one instance whose solution could be written."""
    if len(instances) != 1:
        raise UsageError(
            f"--output {output}: the option needs exactly one instance, and {len(instances)} are "
            "given; each task's folder has a solution.sol (bench show prints the folder)"
        )
    if not output.absolute().parent.is_dir():
        raise UsageError(f"--output {output}: its folder does not exist")


def save_best_solution(results: Iterable[Result], output: Path) -> Result:
    """Write the best solution, in the format of its solver; return its result.

    Solutions that were found wrong do not count. Raise BenchError if there is none; an existing
    file is then kept.
    """
    found = [result for result in results if _has_solution(result)]
    if not found:
        raise BenchError(f"{output}: not written, because no solution was found")
    best = min(found, key=_cost)
    try:
        shutil.copyfile(Workspace(best.folder).solution, output)
    except OSError as error:
        raise BenchError(f"{output}: cannot be written: {error.strerror or error}") from error
    return best


def _has_solution(result: Result) -> bool:
    checked = result.verification
    return (
        result.answer.primal_bound is not None
        and result.verdict.category is not Category.WRONG
        and (checked is None or checked.level is not Level.NONE)
        and Workspace(result.folder).solution.is_file()
    )


def _cost(result: Result) -> float:
    value = result.answer.primal_bound
    problem = result.answer.problem
    sign = -1.0 if problem is not None and problem.sense is Sense.MAXIMIZE else 1.0
    return float("inf") if value is None else sign * value
