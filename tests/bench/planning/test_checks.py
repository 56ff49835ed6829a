"""What has to fit together in a sweep."""

from __future__ import annotations

import pytest

from bench.errors import UsageError
from bench.model.setting import Setting
from bench.planning import checks
from bench.planning.declaration import Declaration

SETTINGS = [Setting(name=name, solver="scip") for name in ("a", "b", "c", "d", "e", "f")]
SEEDED = Setting(name="s", solver="scip", params={"randomization/randomseedshift": 1})


def test_a_baseline_that_is_not_there_is_told_with_some_that_are() -> None:
    """Not with all of a thousand."""
    with pytest.raises(UsageError, match=r"no setting 'xyz'; there are: a, b, c, d, e, \.\.\."):
        checks.baseline(Declaration(baseline="xyz"), SETTINGS)
    checks.baseline(Declaration(baseline="f"), SETTINGS)


def test_a_seed_may_be_said_once_only() -> None:
    """Seed 0 says nothing."""
    with pytest.raises(UsageError, match="setting 's' sets randomization/randomseedshift already"):
        checks.seeds(Declaration(seeds=(0, 1)), [*SETTINGS, SEEDED])
    checks.seeds(Declaration(seeds=(0,)), [SEEDED])
    checks.seeds(Declaration(), [SEEDED])


def test_only_some_solvers_can_permute() -> None:
    """Permutation 0 anybody can."""
    with pytest.raises(UsageError, match="solver 'scip' cannot permute instances"):
        checks.permutations(Declaration(permutations=(0, 1)), SETTINGS, set())
    checks.permutations(Declaration(permutations=(0, 1)), SETTINGS, {"scip"})
    checks.permutations(Declaration(permutations=(0,)), SETTINGS, set())
