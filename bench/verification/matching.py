"""From the names of a solution to the columns of a program."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Mapping
from fractions import Fraction

from bench.errors import InstanceError, UsageError
from bench.model.linear_program import LinearProgram

SHOWN = 3
ZERO = Fraction(0)


def match(
    program: LinearProgram, solution: Mapping[str, Fraction]
) -> tuple[list[Fraction], list[str]]:
    """Return the value of each column, and what is to be noted.

    A column without a value is 0, by the convention of solution files. Raise UsageError for names
    that the program does not have, InstanceError where two columns share one.
    """
    names = [column.name for column in program.columns]
    known = set(names)
    if len(known) < len(names):
        twice, _ = Counter(names).most_common(1)[0]
        raise InstanceError(f"two columns of the instance are named {twice!r}")
    if not solution.keys() <= known:
        unknown = [name for name in solution if name not in known]
        raise UsageError(_complaint(unknown, len(solution), known))
    n_missing = len(names) - len(solution)
    notes = []
    if n_missing:
        notes.append(f"{n_missing} of {len(names)} variables are not in the solution: taken as 0")
    return [solution.get(name, ZERO) for name in names], notes


def _complaint(unknown: list[str], n_named: int, known: set[str]) -> str:
    shown = ", ".join(map(repr, unknown[:SHOWN])) + (", ..." if len(unknown) > SHOWN else "")
    if 2 * len(unknown) > n_named:
        return (
            f"this seems to be the solution of another instance: {len(unknown)} of its {n_named} "
            f"variables are unknown ({shown})"
        )
    near = difflib.get_close_matches(unknown[0], known, n=1)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    many = "a variable" if len(unknown) == 1 else f"{len(unknown)} variables"
    return f"the solution names {many} that the instance does not have: {shown}{hint}"
