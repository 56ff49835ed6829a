"""A selector: what it chooses, what it says of unusual instances, and its files."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from bench.errors import UsageError
from bench.selection.selector import from_files
from tests.bench.selection.test_features import PROBLEM
from tests.bench.serving.test_mlflow_selector import selector


def test_an_instance_beyond_the_training_is_noted() -> None:
    """The choice stays; whoever reads it knows."""
    one = selector()
    narrow = replace(one, chooser=replace(one.chooser, low=np.array([3.0]), high=np.array([4.0])))
    (note,) = narrow.choose(PROBLEM).notes
    assert note == "outside the range of the training instances: n_vars"


def test_unknown_statistics_are_noted_and_filled() -> None:
    """Where nothing at all is known it is the single best."""
    one = selector()
    two = replace(
        one,
        features=("n_vars", "n_nonzeros"),
        chooser=replace(
            one.chooser,
            fill=np.array([1.0, 1.0]),
            low=np.array([0.0, 0.0]),
            high=np.array([9.0, 9.0]),
        ),
    )
    choice = two.choose(replace(PROBLEM, n_nonzeros=None))
    assert choice.setting.name == "default"
    note = "unknown, replaced by the median of the training instances: n_nonzeros"
    assert choice.notes == (note,)
    nothing = one.choose(None)
    assert nothing.setting.name == "default"
    assert nothing.reason == "default is best on average, and the instance has no statistics"


def test_without_trees_it_is_always_the_single_best() -> None:
    """Also after it was written and read."""
    one = selector()
    plain = replace(one, chooser=replace(one.chooser, forest=None))
    assert "trees.npz" not in plain.to_files()
    again = from_files(plain.to_files(), "m")
    assert "choosing gained nothing in training" in again.choose(PROBLEM).reason


def test_files_hold_it() -> None:
    """The same settings, and the same choices."""
    one = selector()
    again = from_files(one.to_files(), "m")
    assert again.settings == one.settings
    assert again.choose(PROBLEM) == one.choose(PROBLEM)


def test_parts_that_do_not_fit_are_refused() -> None:
    """E.g. trees of another selector."""
    one = selector()
    fewer = replace(one, settings=one.settings[:1])
    with pytest.raises(UsageError, match="m is a damaged selector"):
        from_files(fewer.to_files(), "m")
    with pytest.raises(UsageError, match="m is not a selector of bench"):
        from_files({}, "m")
