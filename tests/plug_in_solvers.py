"""Solvers as other packages may bring them along, for tests of what they declare."""

from __future__ import annotations

from dataclasses import replace

from bench.errors import InstanceError
from bench.model.results.solver_output import SolverOutput
from bench.model.setting import ParameterValue
from bench.model.task import Task
from bench.model.workspace import Workspace
from bench.solvers.declaration import Declaration
from bench.solvers.fake import Fake
from bench.solvers.scip.solver import Scip


class OldScip(Scip):
    """Another version of SCIP, which reads files as SCIP does."""

    name = "scip-old"
    declaration = Declaration(code_base="scip", title="Old SCIP", formats=frozenset({"mps"}))


class Third(Scip):
    """A reader that has nothing in common with SCIP, as far as it says."""

    name = "third"
    declaration = Declaration(code_base="third", title="Third", formats=frozenset({"mps", "lp"}))


class Undeclared(Fake):
    """A solver written before there were declarations."""

    name = "undeclared"


class Broken(Fake):
    """A solver that cannot even be made."""

    def __init__(self) -> None:
        """Fail."""
        raise OSError("no license")


class Talkative(Fake):
    """A solver that quotes names of the model wherever it can, by the seed in another place."""

    name = "talkative"

    def solve(self, task: Task, workspace: Workspace) -> SolverOutput:
        """Answer, lie, or fail."""
        workspace.log.write_text("presolve removes SECRETROW_room\n")
        points = ("a=1 SECRETCOL_c=1", "a=1 SECRETCOL_b=1", "x=1")
        solution = f"SECRETCOL_{points[task.seed % 3]}"
        values: dict[str, ParameterValue] = {"value": -8, "solution": solution}
        told = replace(task, setting=replace(task.setting, params=values))
        answer = super().solve(told, workspace)
        workspace.statistics.write_text('{"row": "SECRETROW_room"}')
        workspace.settings.write_text("# SECRETPROBLEM\n")
        match task.seed:
            case 3:
                return replace(answer, status="SECRETCOL_a is odd")
            case 4:
                raise RuntimeError("SECRETROW_room is odd")
            case 5:
                raise InstanceError("SECRETROW_room is odd")
        return replace(answer, reader_warnings=("SECRETROW_free is odd",))
