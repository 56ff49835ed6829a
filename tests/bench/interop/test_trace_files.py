"""Reading trace files, with and without a definition of their columns."""

from __future__ import annotations

import pytest

from bench.errors import UsageError
from bench.interop.reported import ImportHints, ParsedFile, ReportedResult
from bench.interop.trace_files import read
from bench.model.instances.problem import Sense
from bench.model.results.verdict import Category

HEADER = """\
* Trace Record Definition
* GamsSolve
* InputFileName,ModelType,SolverName,OptionFile,Direction,ModelStatus,SolverStatus,
* ObjectiveValue,ObjectiveValueEstimate,SolverTime,ETSolver,NumberOfIterations,NumberOfNodes
*
* SOLVER,Quick
* TIMELIMIT,3600
* NODELIMIT,1000
* GAPLIMIT,0
* SETTINGS,deep
"""


def trace(records: str, **hints: object) -> ParsedFile:
    """Return what a trace file with a definition reports."""
    return read(HEADER + records, "q.trc", ImportHints(**hints))  # type: ignore[arg-type]


def one(codes: str, model_type: str = "MIP", **hints: object) -> ReportedResult:
    """Return the result of a record with these two statuses."""
    (found,) = trace(f"a,{model_type},Quick,1,0,{codes},7,5,1.5,2,3,4\n", **hints).reported
    return found


def test_a_definition_names_the_columns_and_the_lines_after_it_the_limits() -> None:
    """The settings' file is part of the setting's name; an objective may be maximised."""
    (found,) = trace("a,MIP,Quick,1,1,8,3,353,402,3599.5,3610.25,15,7\n").reported
    assert (found.task.instance.name, found.task.setting.name) == ("a", "Quick.deep")
    assert (found.task.setting.solver, found.sense) == ("quick", Sense.MAXIMIZE)
    limits = found.task.limits
    assert (limits.time_s, limits.nodes, limits.gap) == (3600, 1000, 0)
    answer = found.answer
    assert (answer.primal_bound, answer.dual_bound) == (353, 402)
    assert (answer.solve_time_s, found.wall_s) == (3599.5, 3610.25)
    assert (answer.n_lp_iterations, answer.n_nodes) == (15, 7)
    assert (found.category, found.where) == (Category.LIMIT, "q.trc:11")
    assert found.said == "8/3: Integer Solution, Resource Interrupt"


def test_without_a_definition_the_columns_are_those_of_gams() -> None:
    """An empty cell is missing; without an option file the setting is the solver."""
    line = (
        "aa01,LP,Fast,CONOPT,BDMLP,3.7E+04,0,824,8905,0,81870,0,,1,1,5.5E+04,,1.5E+01,3742,0,,# \n"
    )
    (found,) = read(line, "a.trc", ImportHints(time_limit_s=60)).reported
    assert (found.task.setting.name, found.task.limits.time_s) == ("Fast", 60)
    assert (found.answer.primal_bound, found.answer.dual_bound) == (55000, None)
    assert (found.answer.solve_time_s, found.answer.n_nodes) == (15, None)


@pytest.mark.parametrize(
    ("statuses", "status", "category"),
    [
        ("1,1", "optimal", Category.UNCONFIRMED),
        ("15,1", "optimal", Category.UNCONFIRMED),
        ("8,1", "gaplimit", Category.LIMIT),
        ("8,2", "iterlimit", Category.LIMIT),
        ("14,3", "timelimit", Category.LIMIT),
        ("19,1", "infeasible", Category.UNCONFIRMED),
        ("18,1", "unbounded", Category.UNCONFIRMED),
        ("1,4", "optimal", Category.UNCONFIRMED),
        ("8,4", "unknown", Category.CRASHED),
        ("2,1", "unknown", Category.CRASHED),
        ("13,13", None, Category.CRASHED),
        ("11,7", None, Category.CRASHED),
        ("8,8", "userinterrupt", Category.INTERRUPTED),
        ("14,12", None, Category.SKIPPED),
    ],
)
def test_two_statuses_say_what_became_of_a_solve(
    statuses: str, status: str | None, category: Category
) -> None:
    """That of the solver why it ended, that of the model what it found."""
    found = one(statuses)
    assert (found.answer.status, found.category) == (status, category)


def test_a_local_optimum_of_a_linear_program_is_one() -> None:
    """Otherwise the user may say that it is."""
    assert one("2,1", "LP").answer.status == "optimal"
    assert one("2,1", statuses={"2/1": "optimal"}).answer.status == "optimal"


def test_no_bound_is_taken_from_a_status_that_has_none() -> None:
    """GAMS writes an objective of 0 for an infeasible model."""
    assert one("19,1").answer.primal_bound is None
    assert one("19,1").answer.dual_bound is None
    assert one("14,3").answer.primal_bound is None
    assert one("14,3").answer.dual_bound == 5


@pytest.mark.parametrize(
    ("record", "message"),
    [
        (
            "a,MIP,Quick,1,0,99,1,7,5,1,2,3,4",
            "q.trc:11: ModelStatus '99' is not one of GAMS's codes",
        ),
        (
            "a,MIP,Quick,1,0,1,x,7,5,1,2,3,4",
            "q.trc:11: SolverStatus 'x' is not one of GAMS's codes",
        ),
        ("a,MIP,Quick,1,0,1,1,7,5,slow,2,3,4", "q.trc:11: SolverTime 'slow' is not a number"),
        ("a,MIP,Quick,1,0,1,1,7,5,-1,2,3,4", "q.trc:11: SolverTime -1 is negative"),
        ("a,MIP,Quick,1,0,1,1", "q.trc:11: 7 cells, but the columns are 13"),
    ],
)
def test_what_cannot_be_read_is_named(record: str, message: str) -> None:
    """With its line."""
    (problem,) = trace(record + "\n").problems
    assert problem.startswith(message)


def test_a_missing_time_is_the_limit_on_request() -> None:
    """A cell that stands for a missing number may be named."""
    record = "a,MIP,Quick,1,0,14,3,NA,5,?,2,3,4\n"
    (found,) = trace(record, missing=frozenset("?"), missing_time_is_limit=True).reported
    assert found.answer.solve_time_s == 3600


def test_a_file_without_what_is_needed_is_refused() -> None:
    """A definition that lacks a column, or no record."""
    with pytest.raises(UsageError, match="has no column 'SolverTime'"):
        read(HEADER.replace("SolverTime", "Other") + "a\n", "q.trc", ImportHints())
    with pytest.raises(UsageError, match="no trace record"):
        read(HEADER, "q.trc", ImportHints())
