"""From a sweep file to a declaration, named settings included."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.errors import UsageError
from bench.model.limits import Clock
from bench.model.sweep import TaskOrder
from bench.planning.declaration import NamedSetting
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
    assert (found.name, found.own_solvers, found.baseline) == ("all keys", ("fake",), "default")
    assert found.grid["alpha"] == ("0.1", "1e-4")
    assert found.grid["separating/maxrounds"] == ("0", "5", "10")
    assert found.grid["flag"] == ("yes", "off")
    assert found.zips == ({"a/b": ("1", "2"), "c/d": ("x", "y")},)
    assert found.knobs == {"weight": {"a/b": "value * 2", "c/d": "1"}}
    assert (found.seeds, found.permutations) == ((4,), (0, 1))
    assert found.limits == {"time_s": 60.0, "nodes": 5, "clock": Clock.CPU}
    assert (found.order, found.shuffle_seed, found.jobs) == (TaskOrder.GIVEN, 7, 2)
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


def named(text: str) -> tuple[NamedSetting, ...]:
    """Return the settings of a sweep file in a folder."""
    return from_yaml(text, Path("dir/s.yaml")).settings


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("", NamedSetting(name="cuts")),
        ("{a/b: 1, alpha: 1e-4}", NamedSetting(name="cuts", params={"a/b": "1", "alpha": "1e-4"})),
        ("my.set", NamedSetting(name="cuts", file=Path("dir/my.set"))),
        (
            "{file: /my.set, a/b: 1}",
            NamedSetting(name="cuts", file=Path("/my.set"), params={"a/b": "1"}),
        ),
        ("{solver: fake}", NamedSetting(name="cuts", solver="fake")),
        ("{params: {solver: ipm}}", NamedSetting(name="cuts", params={"solver": "ipm"})),
    ],
)
def test_a_setting_has_parameters_a_file_and_a_solver(body: str, expected: NamedSetting) -> None:
    """Any of them may be missing; a parameter called solver stands under params."""
    assert named(f"settings:\n  cuts: {body}") == (expected,)


@pytest.mark.parametrize("text", ["a.set", "[a.set]", "{a: a.set}", "[{a: a.set}]"])
def test_a_set_file_gives_its_name_to_its_setting(text: str) -> None:
    """Alone, in a list, or under the same name."""
    assert named(f"settings: {text}") == (NamedSetting(name="a", file=Path("dir/a.set")),)


def test_files_and_mappings_stand_in_one_list() -> None:
    """In the order in which they are listed."""
    found = named("settings: [b.set, {d: , c: {a/b: 1}}, a.set]")
    assert [setting.name for setting in found] == ["b", "d", "c", "a"]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("{a/b: [1, 2]}", "setting 'cuts': a/b: expected one value; put lists of values under"),
        ("{a/b: 0:4:2}", "setting 'cuts': a/b: expected one value; put ranges under grid"),
        ("{a/b: 0:4}", "setting 'cuts': a/b: '0:4': expected a range"),
        ("{a/b: }", "setting 'cuts': a/b: expected one value"),
        ("{params: 5}", "setting 'cuts': params: expected a mapping"),
        ("{params: {a/b: 1}, a/b: 1}", "setting 'cuts': a/b is in params too"),
        ("{file: [a.set]}", "setting 'cuts': file: expected one text"),
        ("[1]", "setting 'cuts': expected FILE.set, or NAME"),
    ],
)
def test_a_wrong_setting_is_named_with_file_line_and_fix(body: str, words: str) -> None:
    """The line is that of the setting."""
    with pytest.raises(UsageError) as caught:
        named(f"settings:\n  cuts: {body}")
    assert str(caught.value).startswith("dir/s.yaml:2: ")
    assert words in str(caught.value)


@pytest.mark.parametrize("text", ["[[a.set]]", "[~]", "[]", "{}"])
def test_a_list_of_settings_holds_files_and_mappings(text: str) -> None:
    """And at least one of them."""
    with pytest.raises(UsageError, match=r"dir/s\.yaml:1: settings: .*expected FILE\.set, or NAME"):
        named(f"settings: {text}")
