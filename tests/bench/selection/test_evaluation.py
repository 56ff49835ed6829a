"""Choosing by instance: judged on unseen instances, against the single best setting."""

from __future__ import annotations

import sys

import numpy as np
import pandas as pd
import pytest

from bench.comparison.options import Options
from bench.errors import BenchError, UsageError
from bench.report.terminal.selection import selection_sentence, selection_text
from bench.selection import evaluation, learning
from bench.selection.evaluation import Evaluation, evaluate
from bench.selection.examples import examples

LIMIT_S = 100.0


@pytest.fixture(autouse=True)
def few_trees(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let forests be small, so that tests are short."""
    monkeypatch.setattr(learning, "N_TREES", 25)
    monkeypatch.setattr(evaluation, "FOLDS", 4)


def table(n: int = 40, *, matters: bool = True, families: int = 4) -> pd.DataFrame:
    """Return results of two settings, of which the size of an instance says which is better.

    Unless ``matters``: then it is chance.
    """
    rng = np.random.default_rng(4)
    rows = []
    for at in range(n):
        n_vars = int(rng.integers(10, 1000))
        large = n_vars > 300 if matters else rng.random() < 0.5
        for setting, seconds in (("a", 4.0 if large else 20.0), ("b", 20.0 if large else 5.0)):
            rows.append(
                {
                    "instance": f"{'wxyz'[at % families]}-{at}",
                    "setting": setting,
                    "verdict": "solved",
                    "termination": "normal",
                    "solve_time_s": seconds * float(np.exp(rng.normal(0, 0.1))),
                    "time_limit_s": LIMIT_S,
                    "n_vars": n_vars,
                    "n_conss": 7,
                }
            )
    return pd.DataFrame(rows)


def evaluated(results: pd.DataFrame) -> Evaluation:
    """Return what a selector does on these results."""
    return evaluate(examples(results, Options(subsets=("all",))), n_resamples=200)


def test_statistics_that_matter_close_the_gap_on_unseen_instances_and_families() -> None:
    """The size decides here, in every family."""
    found = evaluated(table())
    assert found.known_families.share is not None
    assert found.known_families.share > 0.6
    assert found.known_families.helps
    assert found.unseen_families is not None
    assert found.unseen_families.helps
    assert "closes" in selection_sentence(found)
    assert "unseen families as well" in selection_sentence(found)


def test_statistics_that_tell_nothing_are_said_to_tell_nothing() -> None:
    """Always the single best is the line to beat."""
    found = evaluated(table(matters=False))
    assert not found.known_families.helps
    assert "do not help" in selection_text(found)


def test_a_wrong_answer_costs_ten_times_the_limit() -> None:
    """However fast it was."""
    results = table()
    fast = results["setting"] == "b"
    results.loc[fast, "solve_time_s"] = 0.01
    results.loc[fast, "verdict"] = "wrong"
    found = evaluated(results)
    assert found.single_best == "a"
    assert found.known_families.share is None
    assert "Nothing to choose: a is the best" in selection_sentence(found)


@pytest.mark.parametrize(("families", "told"), [(1, "is one family"), (2, "are 2 families")])
def test_too_few_families_say_nothing_of_others(families: int, told: str) -> None:
    """And says so."""
    found = evaluated(table(60, families=families))
    assert found.unseen_families is None
    assert f"there {told}, too few to say anything" in selection_sentence(found)


@pytest.mark.parametrize(
    ("results", "message"),
    [
        (table()[lambda each: each["setting"] == "a"], "only one setting"),
        (table(1), "1 instance has results of all settings and statistics; learning needs"),
        (
            table().assign(params=[f"{at % 3}" for at in range(80)]),
            "setting 'a' has other parameters in some results .0. than in others .2.; evaluate the",
        ),
        (
            table(8),
            "8 instances have results of all settings and statistics; learning needs at least 10",
        ),
        (table().drop(columns=["n_vars", "n_conss"]), "no statistics of the problems"),
        (table().assign(n_vars=5), "all instances have the same statistics"),
        (table().assign(time_limit_s=None), "execute the sweep with --time-limit"),
    ],
    ids=[
        "one setting",
        "one instance",
        "same names",
        "few instances",
        "no statistics",
        "constant statistics",
        "no limit",
    ],
)
def test_what_cannot_be_learned_from_is_refused(results: pd.DataFrame, message: str) -> None:
    """In one line that says why, and what to do."""
    if "time_limit_s" in results and results["time_limit_s"].isna().all():
        results = results.assign(verdict="limit")
    with pytest.raises(UsageError, match=message):
        evaluated(results)


def test_without_scikit_learn_the_message_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """In one line with the command."""
    for name in ("sklearn", "sklearn.ensemble", "sklearn.pipeline", "sklearn.preprocessing"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(BenchError, match=r"pip install 'scip-bench\[select\]'"):
        evaluated(table())


def test_the_table_fits_a_terminal() -> None:
    """In lines of at most 100 characters."""
    assert max(map(len, selection_text(evaluated(table())).splitlines())) <= 100


def test_an_instance_without_statistics_is_left_out_and_noted() -> None:
    """The others are learned from."""
    results = table()
    results.loc[results["instance"] == "w-0", ["n_vars", "n_conss"]] = None
    found = evaluated(results)
    assert found.known_families.n_instances == 39
    assert any("1 of 40 instances have no statistics" in note for note in found.examples.notes)


def test_results_of_one_name_with_other_parameters_are_learned_from_by_force() -> None:
    """The user says that they belong together."""
    results = table(12).assign(params=[f"{at % 3}" for at in range(24)])
    assert len(examples(results, Options(subsets=("all",), force=True)).instances) == 12


@pytest.mark.parametrize("names", [("a", "b"), ("cuts", "default")])
def test_the_order_of_settings_does_not_depend_on_that_of_results(names: tuple[str, str]) -> None:
    """Whichever task ends first: the default setting comes first, else the first by name."""
    results = table(12).replace({"setting": dict(zip("ab", names, strict=True))})
    expected = tuple(sorted(names, key=lambda name: (name != "default", name)))
    for ordered in (results, results[::-1].reset_index(drop=True)):
        assert examples(ordered, Options(subsets=("all",))).settings == expected


def test_notes_do_not_contradict_the_costs() -> None:
    """A wrong answer costs ten times the limit here, and no pair is excluded for it."""
    results = table(12)
    results.loc[(results["setting"] == "b") & (results.index < 8), "verdict"] = "wrong"
    found = examples(results, Options(subsets=("all",)))
    assert found.warnings[-1] == "b: 4 wrong of 12 results; each costs ten times the time limit"
    assert not any("excluded" in note for note in found.notes)


def test_instances_without_families_and_short_solves_are_noted() -> None:
    """What the numbers then mean."""
    results = table(12)
    results["instance"] = results["instance"].str.replace(r".-", "", regex=True)
    results["solve_time_s"] /= 1000
    notes = evaluated(results).notes
    assert any("12 of 12 instances are the only one of their family" in note for note in notes)
    assert any("differences far below a second hardly count" in note for note in notes)
    assert not any("hardly count" in note for note in evaluated(table(12)).notes)
