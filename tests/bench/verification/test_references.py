"""The objective offset as the reason why a reference is not met."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.model.instances.problem import ProblemStatistics, Sense
from bench.model.instances.reference import Known, Reference
from bench.model.results.process_stats import ProcessStats, Termination
from bench.model.results.solver_output import SolverOutput
from bench.model.results.verdict import Category
from bench.solvers import registry
from bench.verification.judge import judge

PUBLISHED = Reference(Known.OPTIMAL, -18.7519290663706)


def answer(value: float, offset: float) -> SolverOutput:
    """Return the claim that a value is optimal, of an instance with this offset."""
    problem = ProblemStatistics(
        n_vars=1,
        n_bins=0,
        n_ints=0,
        n_conts=1,
        n_conss=1,
        n_nonzeros=1,
        n_equalities=0,
        n_bins_declared=0,
        n_ints_declared=0,
        sense=Sense.MINIMIZE,
        objective_offset=offset,
    )
    return SolverOutput(status="optimal", primal_bound=value, dual_bound=value, problem=problem)


@pytest.mark.parametrize(
    ("value", "offset", "hinted"),
    [
        (-11.6389290663706, 7.113, True),
        (-11.6389290663706, 0.0, False),
        (-11.64, 7.113, False),
        (-10.0, 7.113, False),
        (-25.8649290663706, 7.113, False),
        (-25.8649290663706, -7.113, True),
    ],
)
def test_a_difference_that_is_the_offset_is_explained(
    value: float, offset: float, *, hinted: bool
) -> None:
    """It stays wrong: which of the two is meant only the user can tell."""
    execution = ProcessStats(
        termination=Termination.NORMAL, evidence="ended", started_at=0.0, wall_s=1.0
    )
    verdict = judge(answer(value, offset), execution, PUBLISHED)
    assert verdict.category is Category.WRONG
    assert ("does the reference leave out the constant?" in verdict.reason) == hinted


def test_the_published_value_of_e226_leaves_out_its_constant(shared: Path) -> None:
    """Both solvers read the same offset from Netlib's file."""
    path = shared / "instances" / "broken" / "e226.mps"
    offsets = [registry.load(name).read(path).objective_offset for name in ("scip", "highs")]
    assert offsets == pytest.approx([7.113, 7.113])
