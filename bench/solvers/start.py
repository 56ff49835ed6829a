"""The solution that a solve is to start from, as solvers take it from their workspace."""

from __future__ import annotations

from collections.abc import Collection

from bench.errors import InstanceError
from bench.model.workspace import Workspace
from bench.verification import solution_file


def start_values(workspace: Workspace, names: Collection[str]) -> dict[str, float] | None:
    """Return the values by the names of columns, 0 where not named; None where there is no start.

    InstanceError for a column that the problem does not have; ``names`` are those that it has.
    """
    if not workspace.start.exists():
        return None
    values = solution_file.read(workspace.start).values
    for name in values:
        if name not in names:
            raise InstanceError(f"start: the problem has no column {name!r}")
    return {name: float(value) for name, value in values.items()}
