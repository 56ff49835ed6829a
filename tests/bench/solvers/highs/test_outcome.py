"""What came out of a solve by HiGHS."""

from __future__ import annotations

import pytest

from bench.model.instances.problem import Counts
from bench.solvers.highs.events import gap_percent
from bench.solvers.highs.outcome import presolve_time_s, presolved

MIP = """\
MIP bell5 has 91 rows; 104 cols; 266 nonzeros; 58 integer variables (30 binary)
Presolve reductions: rows 81(-10); columns 98(-6); nonzeros 242(-24)
Solving MIP model with:
   81 rows
   98 cols (28 binary, 27 integer, 1 implied int., 42 continuous, 0 domain fixed)
   242 nonzeros
  Timing            0.44
                    0.03 (Presolve)
"""
LP = "LP adlittle has 56 rows\nPresolve reductions: rows 53(-3); columns 95(-2); nonzeros 373(-10)"
EMPTY = (
    "MIP max has 1 row\nPresolve reductions: rows 0(-1); columns 0(-2); nonzeros 0(-2) - Reduced"
)


@pytest.mark.parametrize(
    ("text", "sizes"),
    [
        (MIP, (98, 28, 27, 1, 42, 81, 242)),
        (LP, (95, 0, 0, 0, 95, 53, 373)),
        (EMPTY, (0, 0, 0, 0, 0, 0, 0)),
    ],
)
def test_sizes_after_presolve_are_read_from_the_log(text: str, sizes: tuple[int, ...]) -> None:
    """Those of the first presolve, whatever a restart leaves later."""
    names = ("n_vars", "n_bins", "n_ints", "n_impls", "n_conts", "n_conss", "n_nonzeros")
    assert presolved([text]) == Counts(**dict(zip(names, sizes, strict=True)))


@pytest.mark.parametrize("text", ["", "MIP x\nPresolve: Infeasible\n", MIP.partition("Solv")[0]])
def test_a_log_that_does_not_say_gives_none(text: str) -> None:
    """Nothing is guessed from a part."""
    assert presolved([text]) is None
    assert presolve_time_s([text]) is None


def test_the_time_of_presolve_is_read_from_the_log() -> None:
    """To a hundredth of a second, as HiGHS prints it."""
    assert presolve_time_s([MIP]) == 0.03


@pytest.mark.parametrize(
    ("primal", "dual", "gap"),
    [
        (None, 3.0, 100),
        (3.0, None, 100),
        (-1.0, 1.0, 100),
        (0.0, 1.0, 100),
        (0.0, 0.0, 0),
        (4.0, 3.0, 25),
        (-3.0, -4.0, 25),
        (200.0, 1.0, 99.5),
    ],
)
def test_the_gap_of_the_integral_is_scips(
    primal: float | None, dual: float | None, gap: float
) -> None:
    """In percent of the larger magnitude, 100 where bounds are missing or differ in sign."""
    assert gap_percent(primal, dual) == gap
