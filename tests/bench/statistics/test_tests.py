"""Published examples of the tests, which need nothing but this file."""

from __future__ import annotations

import numpy as np
import pytest

from bench.statistics.tests import MAX_EXACT, friedman, holm, mcnemar, normal_p, ranks, wilcoxon

DEPRESSION = (
    (1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30),
    (0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29),
)
ROUNDING_TIMES = (
    *((5.40, 5.50, 5.55), (5.85, 5.70, 5.75), (5.20, 5.60, 5.50), (5.55, 5.50, 5.40)),
    *((5.90, 5.85, 5.70), (5.45, 5.55, 5.60), (5.40, 5.40, 5.35), (5.45, 5.50, 5.35)),
    *((5.25, 5.15, 5.00), (5.85, 5.80, 5.70), (5.25, 5.20, 5.10), (5.65, 5.55, 5.45)),
    *((5.60, 5.35, 5.45), (5.05, 5.00, 4.95), (5.50, 5.50, 5.40), (5.45, 5.55, 5.50)),
    *((5.55, 5.55, 5.35), (5.45, 5.50, 5.55), (5.50, 5.45, 5.25), (5.65, 5.60, 5.40)),
    *((5.70, 5.65, 5.55), (6.30, 6.30, 6.25)),
)


def test_wilcoxon_on_depression_scores() -> None:
    """Hollander and Wolfe (1973), page 29, as in R's ``?wilcox.test``: V = 40, p = 0.0390625."""
    first, second = np.array(DEPRESSION)
    found = wilcoxon(first - second)
    assert (found.plus, found.p) == (40.0, 0.0390625)


def test_friedman_on_rounding_first_base() -> None:
    """Hollander and Wolfe (1973), page 140, as in R's ``?friedman.test``: 11.143, p = 0.003805."""
    found = friedman(ranks(np.array(ROUNDING_TIMES)))
    assert found is not None
    assert found.chi2 == pytest.approx(11.142857142857, rel=1e-12)
    assert found.p == pytest.approx(0.003805, abs=5e-7)


def test_mcnemar_on_approval_ratings() -> None:
    """Agresti (1990), page 350, as in R's ``?mcnemar.test``, by ``?binom.test``."""
    assert mcnemar(86, 150) == pytest.approx(3.71593613957143e-05, rel=1e-12)


def test_without_discordant_pairs_mcnemar_finds_nothing() -> None:
    """Neither for nor against."""
    assert mcnemar(0, 0) == 1.0


def test_adjusted_p_values_keep_their_order() -> None:
    """Holm never exceeds Bonferroni, and does not fall where the p-values rise."""
    assert holm([0.01, 0.04, 0.03, 0.005, 0.2]) == pytest.approx([0.04, 0.09, 0.09, 0.025, 0.2])


def test_the_exact_test_and_the_normal_one_meet_where_one_hands_over_to_the_other() -> None:
    """So that one pair more does not change the conclusion."""
    differences = np.random.default_rng(3).normal(0.2, 1, MAX_EXACT)
    assert wilcoxon(differences).p == pytest.approx(normal_p(differences), rel=0.02)
