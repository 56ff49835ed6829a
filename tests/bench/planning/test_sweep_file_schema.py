"""The keys of a sweep file, and what is said about wrong ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.errors import UsageError
from bench.planning.sweep_file import from_yaml
from bench.planning.sweep_file_schema import KEYS


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("sed: 3", "unknown key 'sed'; did you mean 'seeds'?"),
        ("time-limit: 3", "unknown key 'time-limit'; did you mean 'time_limit'?"),
        ("xyz: 3", f"unknown key 'xyz'; known are {', '.join(KEYS)}"),
        ("limits: {time: 3}", "unknown key 'limits'; limits are top-level keys: time_limit"),
        ("alpha: 0.1", "unknown key 'alpha'; knobs and parameters belong under grid"),
        ("a/b: 0.1", "unknown key 'a/b'; knobs and parameters belong under grid"),
        ("name: ''", "name: '': expected a text that is not empty"),
        ("solver: [scip]", "solver: a list: expected a text"),
        ("instances: {a: b}", "instances: a mapping: expected a text"),
        ("instances: [a, ~]", "instances: nothing: expected a text"),
        ("seeds: x", "seeds: 'x': expected a count (3) or a list (0,4,7)"),
        ("seeds: 0", "seeds: '0': at least one is needed"),
        ("seeds: 123456", "a list of one is written 123456,"),
        ("seeds: []", "seeds: expected a count (3) or a list ([0, 4, 7])"),
        ("seeds: [1, 1]", "expected different numbers from 0"),
        ("seeds: [4294967296]", "expected different numbers from 0 to 2147483647"),
        ("permutations: -1", "permutations: '-1': at least one is needed"),
        ("permutations: {a: 1}", "permutations: expected a count (3) or a list"),
        ("time_limit: abc", "time_limit: 'abc': expected a number"),
        ("time_limit: -1", "time_limit: '-1': expected a number from 0 on"),
        ("time_limit: inf", "time_limit: 'inf': expected a finite number"),
        ("time_limit: [1]", "time_limit: a list: expected a number"),
        ("memory_limit: 0", "memory_limit: '0': expected a number from 1 on"),
        ("node_limit: 1.5", "node_limit: '1.5': expected a whole number"),
        ("gap: nan", "gap: 'nan': expected a finite number"),
        ("grace: 0", "grace: '0': expected a number from 0.1 on"),
        ("clock: gpu", "clock: 'gpu': expected 'cpu' or 'wall'"),
        ("order: random", "order: 'random': expected 'interleaved' or 'given'"),
        ("shuffle_seed: -1", "shuffle_seed: '-1': expected a number from 0 on"),
        ("jobs: 0", "jobs: '0': expected a number from 1 on"),
        ("grid: 5", "grid: '5': expected a mapping NAME: VALUE"),
        ("grid: {alpha: {a: 1}}", "grid: alpha: expected a value, a list of values or a range"),
        ("grid: {alpha: }", "grid: alpha: the value is missing; a list in braces needs brackets"),
        ("grid: {alpha: 1,2}", "grid: the value is missing; a list in braces needs brackets"),
        ("grid: {alpha: [[1]]}", "grid: alpha: expected a value, a list of values or a range"),
        ("grid: {alpha: 0:1}", "grid: alpha: '0:1': expected a range START:STOP:STEP"),
        ("grid: {alpha: [1, '']}", "grid: alpha: a value is empty"),
        ("zip: [5]", "zip: '5': expected a mapping NAME: VALUE"),
        ("zip: {alpha: 0:1}", "zip: alpha: '0:1': expected a range"),
        ("knobs: {w: 5}", "knobs: w: '5': expected a mapping NAME: VALUE"),
        ("knobs: {w: {a/b: [1]}}", "knobs: w: a/b: a list: expected a text"),
    ],
)
def test_a_wrong_key_or_value_is_named_with_file_line_and_fix(text: str, words: str) -> None:
    """One line, before anything is executed."""
    with pytest.raises(UsageError) as caught:
        from_yaml(f"# a sweep\n{text}", Path("dir/s.yaml"))
    assert str(caught.value).startswith("dir/s.yaml:2: ")
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_unknown_key_is_told_before_a_wrong_value() -> None:
    """A misspelt key is the likelier cause."""
    with pytest.raises(UsageError, match=r"s\.yaml:2: unknown key 'sed'"):
        from_yaml("jobs: x\nsed: 1", Path("s.yaml"))


@pytest.mark.parametrize("key", KEYS)
def test_a_key_without_a_value_is_as_good_as_none(key: str) -> None:
    """One can comment out what belongs to it."""
    assert from_yaml(f"{key}:", Path("s.yaml")) == from_yaml("{}", Path("s.yaml"))
