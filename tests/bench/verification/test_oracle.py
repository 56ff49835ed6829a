"""Our verdicts beside those of ipet and of SCIP's check scripts, over the oracle's 38 cases."""

from __future__ import annotations

import csv
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bench.instances.references import read
from bench.model.instances.problem import ProblemStatistics, Sense
from bench.model.instances.reference import Reference
from bench.model.results.process_stats import ProcessStats, Termination
from bench.model.results.solver_output import SolverOutput
from bench.model.results.verdict import Verdict
from bench.model.results.verification import Level, Quantity, Verification, Violation
from bench.verification.judge import judge

Case = dict[str, str]
WITHOUT_STATUS = {
    "crashed": Termination.SIGNAL,
    "readerror": Termination.REFUSED,
    "": Termination.ERROR,
}


@pytest.fixture(scope="module")
def cases(shared: Path) -> list[Case]:
    """Return the cases of the oracle."""
    with (shared / "oracle" / "validation_cases.csv").open() as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def references(shared: Path) -> dict[str, Reference]:
    """Return the references of the oracle."""
    return read([shared / "oracle" / "validation.solu"])


@pytest.fixture(scope="module")
def documented(root: Path) -> list[list[str]]:
    """Return the rows of the table of cases in the document."""
    text = (root / "docs" / "verdicts.md").read_text()
    lines = [line for line in text.splitlines() if re.match(r"\| v\d\d \|", line)]
    return [[cell.strip().strip("`") for cell in line.strip("|").split("|")] for line in lines]


def answer(case: Case) -> SolverOutput:
    """Return what the solver claims in a case."""
    without = case["solver_status"] in WITHOUT_STATUS
    names = ("n_vars", "n_bins", "n_ints", "n_conts", "n_conss", "n_nonzeros", "n_equalities")
    sizes: dict[str, Any] = dict.fromkeys((*names, "n_bins_declared", "n_ints_declared"), 1)
    problem = ProblemStatistics(
        **sizes,
        sense=Sense.MAXIMIZE if case["sense"] == "max" else Sense.MINIMIZE,
        objective_offset=0.0,
    )
    return SolverOutput(
        status=None if without else case["solver_status"],
        error="no answer" if without else None,
        primal_bound=float(case["primal"]) if case["primal"] else None,
        dual_bound=float(case["dual"]) if case["dual"] else None,
        problem=problem,
    )


def execution(case: Case) -> ProcessStats:
    """Return how the process of a case has ended."""
    termination = WITHOUT_STATUS.get(case["solver_status"], Termination.NORMAL)
    return ProcessStats(termination=termination, evidence="it ended", started_at=0.0, wall_s=1.0)


def verification(case: Case) -> Verification | None:
    """Return what the check of the solution found."""
    if not case["max_violation"]:
        return None
    size = float(case["max_violation"])
    return Verification(
        level=Level.NONE if size else Level.CLAIMED,
        violations=(Violation(Quantity.ROW, size, size, "a"),),
        objective=float(case["primal"]),
        reader="highs",
        independent=True,
        exact=True,
    )


def verdict(case: Case, references: dict[str, Reference]) -> Verdict:
    """Return our verdict on a case."""
    reference = references.get(case["problem"])
    return judge(answer(case), execution(case), reference, verification(case))


def word(found: Verdict) -> str:
    """Return category and kind."""
    return f"{found.category}/{found.kind}" if found.kind else str(found.category)


def test_the_statuses_of_others_are_theirs(
    cases: list[Case], references: dict[str, Reference]
) -> None:
    """Ipet was executed on the cases, check.awk followed by hand: both agree with our rules."""
    for case in cases:
        found = verdict(case, references)
        assert found.ipet == case["ipet_status_executed"], case
        assert found.scip_check == case["scip_check_awk_transcribed"], case


def test_the_document_says_what_the_rules_do(
    cases: list[Case], references: dict[str, Reference], documented: list[list[str]]
) -> None:
    """Every case in one row: what is known, what was claimed, and the three verdicts."""
    for case, row in zip(cases, documented, strict=True):
        found = verdict(case, references)
        bounds = f"{case['primal'] or '-'} / {case['dual'] or '-'}"
        claim = case["solver_status"] or "nothing"
        assert (row[0], row[2].split(",")[0], row[3]) == (case["case"], claim, bounds)
        assert row[4:7] == [word(found), found.ipet, found.scip_check], (case, found)


def test_every_difference_is_explained(documented: list[list[str]]) -> None:
    """Where they do not agree on whether it is solved, ended early or bad, a phrase says why."""
    assert len(documented) == 38
    for row in documented:
        classes = {of(text) for text in row[4:7]}
        assert len(classes) == 1 or row[7], row


def of(text: str) -> str:
    """Return the class of a status of any of the three: solved, limit or bad."""
    if text in {"solved", "solved_unconfirmed", "ok", "solved not verified"}:
        return "solved"
    if text.startswith(("limit/", "timeout", "timelimit", "memlimit", "gaplimit", "better")):
        return "limit"
    return "bad"


def test_the_tolerance_stands_in_the_reason(
    cases: list[Case], references: dict[str, Reference]
) -> None:
    """5e-5 off is within ours, and whoever wants it finer sees by how much it was."""
    found = verdict(next(case for case in cases if case["case"] == "v02"), references)
    assert found.reason == (
        "optimal, as the reference says: 100 (tolerance 0.0001); the solution is feasible to 1e-9"
    )


def test_a_violated_solution_of_an_unfinished_solve_is_wrong(
    cases: list[Case], references: dict[str, Reference]
) -> None:
    """Its primal bound would stand in comparisons."""
    case = next(case for case in cases if case["case"] == "v09")
    early = replace(answer(case), status="timelimit", dual_bound=90.0)
    found = judge(early, execution(case), references["o1"], verification(case))
    assert word(found) == "wrong/infeasible_solution"
