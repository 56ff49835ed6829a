"""From a sweep file to a declaration."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.errors import UsageError
from bench.model.limits import Clock
from bench.model.sweep import Order
from bench.planning.sweep_file import from_yaml

TEXT = """
name: all keys
solver: fake
instances: [one.mps, /two.mps]
solu: known.solu
grid: {alpha: [0.1, 1e-4], separating/maxrounds: 0:10:5, flag: [yes, "off"]}
zip: {a/b: [1, 2], c/d: [x, y]}
knobs: {weight: {a/b: value * 2, c/d: 1}}
baseline: default
seeds: [4]
permutations: 2
time_limit: 6e1
node_limit: 5
clock: cpu
order: given
shuffle_seed: 7
jobs: 2
experiment_name: mine
"""


def test_every_key_has_its_place() -> None:
    """Values of knobs and parameters stay texts, everything else has its type."""
    found = from_yaml(TEXT, Path("dir/s.yaml"))
    assert (found.name, found.solver, found.baseline) == ("all keys", "fake", "default")
    assert found.grid["alpha"] == ("0.1", "1e-4")
    assert found.grid["separating/maxrounds"] == ("0", "5", "10")
    assert found.grid["flag"] == ("yes", "off")
    assert found.zips == ({"a/b": ("1", "2"), "c/d": ("x", "y")},)
    assert found.knobs == {"weight": {"a/b": "value * 2", "c/d": "1"}}
    assert (found.seeds, found.permutations) == ((4,), (0, 1))
    assert found.limits == {"time_s": 60.0, "nodes": 5, "clock": Clock.CPU}
    assert (found.order, found.shuffle_seed, found.jobs) == (Order.GIVEN, 7, 2)
    assert found.experiment_name == "mine"


def test_paths_are_relative_to_the_folder_of_the_file() -> None:
    """Absolute ones stay as they are."""
    found = from_yaml(TEXT, Path("dir/s.yaml"))
    assert found.instances == ("dir/one.mps", "/two.mps")
    assert found.solu == (Path("dir/known.solu"),)


def test_a_sweep_without_a_name_has_that_of_its_file() -> None:
    """Without the extension."""
    assert from_yaml("seeds: 2", Path("dir/cuts.yaml")).name == "cuts"


@pytest.mark.parametrize("text", ["", "# nothing", "- a", "3", "just words"])
def test_a_file_without_keys_is_no_sweep(text: str) -> None:
    """The message shows what one looks like."""
    with pytest.raises(UsageError, match=r"dir/s\.yaml: not a sweep: expected keys, e\.g\. grid"):
        from_yaml(text, Path("dir/s.yaml"))


def test_a_file_that_is_not_yaml_is_refused() -> None:
    """With file and line."""
    with pytest.raises(UsageError, match=r"dir/s\.yaml:2: not YAML"):
        from_yaml("a: 1\nb: [", Path("dir/s.yaml"))
