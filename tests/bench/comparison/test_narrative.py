"""Comparisons in words."""

from __future__ import annotations

import re
from collections.abc import Callable

import pandas as pd
import pytest

from bench.comparison.compare import compare
from bench.comparison.options import Options
from bench.comparison.wording.narrative import ConclusionKind, _takes, conclusion, headline
from bench.statistics.power import Needed

Make = Callable[..., pd.DataFrame]


def test_who_is_faster_is_said_with_its_evidence(make: Make) -> None:
    """Effect, interval, instances and seeds, adjusted p."""
    comparison = compare(make({"default": 1.0, "cuts": 0.8, "heur": 1.3}))
    assert conclusion(comparison, "cuts").outcome is ConclusionKind.BETTER
    assert re.fullmatch(
        r"cuts is \d+ % faster than default \(95 % interval \d+ % to \d+ %, "
        r"36 instances x 3 seeds, p .* after Holm for 2 settings\); of the other settings: 1 worse",
        headline(comparison),
    )


def test_without_a_difference_it_says_what_it_would_take(make: Make) -> None:
    """In instances and in seeds."""
    found = conclusion(compare(make({"default": 1.0, "cuts": 1.0})), "cuts")
    assert found.outcome is ConclusionKind.UNDECIDED
    assert re.search(
        r"detecting 5 % would need about \d+ more instances or \d+ more seeds$", found.sentence
    )


def test_an_interval_that_the_test_does_not_confirm_is_said_to_be_that(make: Make) -> None:
    """A third of the instances make all of the difference; the others are a little slower."""
    frame = make({"default": 1.0, "cuts": 1.0}, n=20, scatter=0.0)
    quick = frame["instance"].isin(sorted(frame["instance"].unique())[:7])
    cuts = frame["setting"] == "cuts"
    frame.loc[cuts & quick, "solve_time_s"] *= 0.02
    frame.loc[cuts & ~quick, "solve_time_s"] *= 1.05
    found = conclusion(compare(frame), "cuts")
    assert found.outcome is ConclusionKind.UNDECIDED
    assert "the interval shows one, the rank test does not confirm it" in found.sentence


def test_few_instances_are_called_too_few(make: Make) -> None:
    """However large the difference looks."""
    found = conclusion(compare(make({"default": 1.0, "cuts": 0.1}, n=5)), "cuts")
    assert found.outcome is ConclusionKind.TOO_FEW
    assert "too few instances to decide" in found.sentence
    assert " p " not in found.sentence


def test_a_difference_below_the_noise_of_the_machine_is_unresolvable(make: Make) -> None:
    """The noise is known from tasks that were executed twice, the second time 10 % slower."""
    frame = make({"default": 1.0, "cuts": 0.95}, n=60, scatter=0.02)
    first = frame.assign(started_at=1.0, solve_time_s=frame["solve_time_s"] / 1.1)
    twice = pd.concat([first, frame.assign(started_at=2.0)])
    assert conclusion(compare(frame), "cuts").outcome is ConclusionKind.BETTER
    found = conclusion(compare(twice), "cuts")
    assert found.outcome is ConclusionKind.UNRESOLVABLE
    assert re.search(r"of the same setting differ by up to (9\.\d|10) %", found.sentence)


def test_nodes_are_counted_not_timed(make: Make) -> None:
    """A setting takes fewer nodes; it is not faster by them."""
    frame = make({"default": 1.0, "cuts": 0.5})
    frame["n_nodes"] = (1000 * frame["solve_time_s"]).round()
    sentence = conclusion(compare(frame, Options(measure="nodes")), "cuts").sentence
    assert re.match(r"cuts takes \d+ % fewer nodes than default", sentence)


@pytest.mark.parametrize("seeds", [1, 3])
def test_one_seed_gets_a_warning(make: Make, seeds: int) -> None:
    """And only one."""
    warnings = compare(make({"default": 1.0, "cuts": 0.5}, seeds=seeds)).warnings
    assert any("one seed only" in warning for warning in warnings) is (seeds == 1)


def test_settings_that_do_the_same_are_said_to(make: Make) -> None:
    """Thirty-six instances are not too few to see that nothing differs."""
    own = make({"default": 1.0})
    found = conclusion(compare(pd.concat([own, own.assign(setting="cuts")])), "cuts")
    assert "does not differ from default by 1 % or more on any of 36 instances" in found.sentence


def test_a_subset_that_was_asked_for_alone_is_named(make: Make) -> None:
    """Without the whole there is no sentence on the whole."""
    comparison = compare(make({"default": 1.0, "cuts": 0.8}), Options(subsets=("[1,T]",)))
    assert "36 instances x 3 seeds of [1,T], p" in headline(comparison)


def test_a_test_that_holm_takes_back_is_said_to_be_that(make: Make) -> None:
    """One of 21 settings has a small p of its own."""
    factors = {"default": 1.0, "cuts": 0.9} | {f"s{k}": 1.0 for k in range(20)}
    comparison = compare(make(factors, n=20))
    difference = comparison.table().row("cuts").against
    assert difference is not None
    assert difference.p_wilcoxon is not None
    assert difference.p_wilcoxon < 0.05 <= (difference.p_holm or 0)
    found = conclusion(comparison, "cuts")
    assert found.outcome is ConclusionKind.UNDECIDED
    assert "show one, the test after Holm does not" in found.sentence


def test_a_mean_of_zero_has_no_ratio(make: Make) -> None:
    """Which is not the same as too few instances."""
    frame = make({"default": 1.0, "cuts": 1.0})
    frame["n_nodes"] = (frame["setting"] == "cuts").astype(int)
    sentence = conclusion(compare(frame, Options(measure="nodes")), "cuts").sentence
    assert sentence == "cuts and default have no ratio on 36 instances: a mean is 0"


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (Needed(1, 1), "detecting 5 % would need about 1 more instance or 1 more seed"),
        (Needed(2, None), "detecting 5 % would need about 2 more instances"),
    ],
)
def test_one_is_no_plural(more: Needed, told: str) -> None:
    """In what it would take."""
    assert _takes(more) == told
