"""Families of instances: drawn alike everywhere, checked sizes, the registry."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.errors import UsageError
from bench.instances.generators.families import FAMILIES, generate
from bench.instances.generators.family import Draws
from bench.instances.generators.linear_model import to_mps


def test_the_stream_of_a_seed_never_changes() -> None:
    """The first draws of seed 7 are those of the day the bundle was made."""
    draws = Draws(7)
    assert draws.integers(5, 0, 99) == [32, 15, 65, 7, 53]
    assert draws.shuffled(range(6)) == [1, 3, 4, 5, 0, 2]


@given(st.integers(0, 10**9), st.integers(-50, 50), st.integers(0, 50))
def test_integers_stay_in_their_range(seed: int, low: int, width: int) -> None:
    """Both ends are possible and nothing beyond them."""
    assert all(low <= value <= low + width for value in Draws(seed).integers(20, low, low + width))


@given(st.integers(0, 10**9), st.integers(0, 20), st.integers(0, 25))
def test_a_sample_has_different_items(seed: int, n_items: int, count: int) -> None:
    """A sample holds as many different items as asked for, or all of them."""
    sample = Draws(seed).sample(range(n_items), count)
    assert len(sample) == len(set(sample)) == min(count, n_items)
    assert set(sample) <= set(range(n_items))


@given(st.integers(0, 10**9), st.lists(st.integers(0, 9), min_size=1).filter(any))
def test_an_item_of_weight_zero_is_never_chosen(seed: int, weights: list[int]) -> None:
    """The weighted choice falls on items of positive weight only."""
    assert weights[Draws(seed).weighted_choice(range(len(weights)), weights)] > 0


def test_all_choices_of_positive_weight_occur() -> None:
    """Items are drawn in proportion to their weights, within what chance allows."""
    draws = Draws(1)
    drawn = [draws.weighted_choice("abc", [1, 0, 3]) for _ in range(400)]
    assert 60 < drawn.count("a") < 140
    assert drawn.count("b") == 0


EVERY_FAMILY = pytest.mark.parametrize("name", FAMILIES)


@EVERY_FAMILY
def test_the_same_arguments_give_the_same_model(name: str) -> None:
    """A model depends on family, sizes and seed alone."""
    assert generate(name, {}, 3) == generate(name, {}, 3)


@EVERY_FAMILY
def test_another_seed_gives_another_model(name: str) -> None:
    """The seed reaches the numbers of the model."""
    one, two = generate(name, {}, 3), generate(name, {}, 4)
    assert (one.columns, one.rows) != (two.columns, two.rows)


@EVERY_FAMILY
def test_the_smallest_sizes_give_a_model(name: str) -> None:
    """Every lower end of a size is usable, all of them together."""
    smallest = {size.name: size.minimum for size in FAMILIES[name].sizes}
    assert to_mps(generate(name, smallest, 0)).endswith("ENDATA\n")


@EVERY_FAMILY
def test_every_size_changes_the_model(name: str) -> None:
    """No size is without effect: one step up from its default gives another file."""
    default = generate(name, {}, 1)
    for size in FAMILIES[name].sizes:
        larger = generate(name, {size.name: size.default + 1}, 1)
        assert (larger.columns, larger.rows) != (default.columns, default.rows), size.name


@EVERY_FAMILY
def test_names_are_unique_and_plain(name: str) -> None:
    """Columns and rows have names of their own that need no quotes in any format."""
    model = generate(name, {}, 1)
    for names in ([c.name for c in model.columns], [r.name for r in model.rows]):
        assert len(set(names)) == len(names)
        assert all(re.fullmatch(r"[a-z]+(_\d+)+", one) for one in names)


@EVERY_FAMILY
def test_every_column_is_used(name: str) -> None:
    """Each column stands in a row or in the objective."""
    model = generate(name, {}, 1)
    used = {index for row in model.rows for _, index in row.terms}
    assert all(column.objective or j in used for j, column in enumerate(model.columns))


@EVERY_FAMILY
def test_a_model_names_its_paper_and_how_it_was_made(name: str) -> None:
    """The comment holds family, all sizes, seed and paper; a paper ends with its year."""
    family = FAMILIES[name]
    comment = generate(name, {}, 5).comment
    assert all(f"{size.name}={size.default}" in comment for size in family.sizes)
    assert comment.startswith(f"{name} ")
    assert comment.endswith(f"seed=5; {family.paper}")
    assert re.search(r"\b(19|20)\d\d\b", family.paper)


def test_families_stand_in_alphabetical_order() -> None:
    """The registry is listed in an order that a reader can search."""
    assert list(FAMILIES) == sorted(FAMILIES)


@pytest.mark.parametrize(
    ("name", "sizes", "seed", "message"),
    [
        ("set_covr", {}, 1, "unknown family 'set_covr'; did you mean 'set_cover'?"),
        ("zzz", {}, 1, "unknown family 'zzz'; there are arbitrage, auction, .*"),
        ("set_cover", {"row": 5}, 1, "family set_cover has no size 'row'; did you mean 'rows'?"),
        ("set_cover", {"rows": 0}, 1, "set_cover: rows must be between 1 and 2000, but is 0"),
        ("set_cover", {}, -1, "the seed must not be negative, but is -1"),
        ("network_design", {"arcs": 5}, 1, "10 nodes need 10 to 90 connections, not 5"),
    ],
)
def test_a_wrong_argument_is_named_in_one_line(
    name: str, sizes: Mapping[str, int], seed: int, message: str
) -> None:
    """The message says what is wrong, what is allowed, and what was probably meant."""
    with pytest.raises(UsageError, match=message.replace("?", r"\?")) as caught:
        generate(name, sizes, seed)
    assert "\n" not in str(caught.value)
