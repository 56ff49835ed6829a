"""Training and test set."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.errors import UsageError
from bench.model.instances.instance import Instance
from bench.tuning.split import split


def named(name: str, digest: str = "") -> Instance:
    """Return an instance of this name."""
    return Instance(name=name, path=Path(f"{name}.mps"), digest=digest or name)


FAMILIES = [named(f"{family}-{at}") for family, n in (("a", 20), ("b", 10)) for at in range(n)]


def test_each_family_is_in_both_sets_with_its_share() -> None:
    """Nothing is in both, and nothing is lost."""
    train, test = split(FAMILIES, seed=1)
    assert {one.name for one in [*train, *test]} == {one.name for one in FAMILIES}
    assert len(train) + len(test) == 30
    counts = [sum(one.name.startswith(family) for one in test) for family in "ab"]
    assert counts == [8, 4]


def test_the_order_of_the_files_does_not_matter_and_the_seed_does() -> None:
    """The same command makes the same sets."""
    assert split(FAMILIES, 1) == split(FAMILIES[::-1], 1)
    assert split(FAMILIES, 1) != split(FAMILIES, 2)


def test_copies_of_a_file_are_never_in_both_sets() -> None:
    """An instance is its content."""
    train, test = split([*FAMILIES, named("z", "a-1")], 1)
    assert len({one.digest for one in [*train, *test]}) == len(train) + len(test) == 30


@pytest.mark.parametrize(("n", "n_test"), [(2, 1), (3, 1), (8, 6), (10, 6), (50, 20)])
def test_the_test_has_enough_to_decide_where_that_is_possible(n: int, n_test: int) -> None:
    """And something is always left to tune on."""
    assert len(split([named(f"x-{at}") for at in range(n)], 0)[1]) == n_test


def test_one_instance_is_too_few() -> None:
    """It cannot be both."""
    with pytest.raises(UsageError, match="--test"):
        split([named("x")], 0)
