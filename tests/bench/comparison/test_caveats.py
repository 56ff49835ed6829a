"""What is not compared silently."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from bench.comparison.compare import compare
from bench.comparison.machines.split_pairs import are_split
from bench.comparison.normalize import normalize, with_distinct_settings
from bench.comparison.options import Options
from bench.comparison.pairs import align_pairs
from bench.errors import UsageError

Make = Callable[..., pd.DataFrame]

CASES: dict[str, tuple[dict[str, Any], str]] = {
    "time_limit_s": ({"default": 100.0, "cuts": 60.0}, "time_limit_s: default 100, cuts 60"),
    "memory_limit_mib": (
        {"default": 512.0, "cuts": 60.0},
        "memory_limit_mib: default 512, cuts 60",
    ),
    "n_threads": ({"default": 1, "cuts": 4}, "n_threads: default 1, cuts 4"),
    "clock": ({"default": "cpu", "cuts": "wall"}, "clock: default cpu, cuts wall"),
    "machine": ({"default": "a", "cuts": "b"}, "the settings differ in machine: default a, cuts b"),
}


@pytest.mark.parametrize("column", CASES)
def test_settings_that_differ_in_more_than_their_settings_are_refused(
    make: Make, column: str
) -> None:
    """Unless forced, and then it is said."""
    values, message = CASES[column]
    frame = make({"default": 1.0, "cuts": 0.5}).assign(solver="scip")
    frame[column] = frame["setting"].map(values)
    with pytest.raises(
        UsageError, match=rf"{message}: compare results of equal conditions, or pass --force"
    ):
        compare(frame)
    warnings = compare(frame, Options(force=True)).warnings
    assert [warning for warning in warnings if message in warning and "by force" in warning]


def test_machines_may_differ_from_pair_to_pair(make: Make) -> None:
    """A cluster has several: what counts is that the settings of a pair stayed together."""
    frame = make({"default": 1.0, "cuts": 0.5}).assign(solver="scip")
    hosts = {name: f"node{at % 3}" for at, name in enumerate(frame["instance"].unique())}
    frame["machine"] = frame["instance"].map(hosts)
    assert compare(frame).warnings == ()


def test_a_few_split_pairs_are_left_out(make: Make) -> None:
    """If most are split, nothing is compared; machines of one class do not split a pair."""
    frame = make({"default": 1.0, "cuts": 0.5}).assign(solver="scip", machine="node1")
    n_pairs = len(frame) // 2
    whole = compare(frame)
    frame.loc[frame.index[0], "machine"] = "elsewhere"
    found = compare(frame)
    assert found.basis.n_blocks == n_pairs - 1
    assert found.warnings[0].startswith(f"1 of {n_pairs} pairs (instance, seed, permutation) are")
    assert f"classes ({frame.iloc[0]['instance']}); solve these" in found.warnings[0]
    forced = compare(frame, Options(force=True))
    assert forced.basis.n_blocks == n_pairs
    assert f"1 of {n_pairs} pairs were measured on different machines" in forced.warnings[0]
    alike = compare(frame.assign(machine_class="epyc, 64 cores"))
    assert alike.tables[0].rows[1].sgm == whole.tables[0].rows[1].sgm
    assert alike.warnings == ()
    assert (
        f"1 of {n_pairs} pairs were measured on several machines of the same class" in alike.notes
    )
    assert any("a pair counts for the machine of its baseline" in note for note in alike.notes)
    frame.loc[frame["setting"] == "cuts", "machine"] = "elsewhere"
    with pytest.raises(UsageError, match="pairs were measured on different machines; the settings"):
        compare(frame)


def test_a_second_sweep_of_split_pairs_makes_them_whole(make: Make) -> None:
    """All of its settings are newer, so that one machine has measured them."""
    first = make({"default": 1.0, "cuts": 0.5}).assign(solver="scip", started_at=0.0)
    first = first.assign(machine="node1")
    n_pairs = len(first) // 2
    first.loc[first.index[0], "machine"] = "elsewhere"
    again = first[first["instance"] == first.iloc[0]["instance"]]
    second = again.assign(machine="node2", started_at=1.0)
    both = compare(pd.concat([first, second], ignore_index=True))
    assert both.basis.n_blocks == n_pairs
    assert both.warnings == ()


@pytest.mark.parametrize(
    ("machines", "classes", "expected"),
    [
        (["a", "b"], ["x", "y"], True),
        (["a", "b"], ["x", "x"], False),
        (["a", "b"], ["x", ""], True),
        (["a", "b"], ["", ""], True),
        (["a", ""], ["x", ""], False),
        (["a", "a"], ["x", ""], False),
    ],
)
def test_a_pair_is_split_between_classes_of_machines(
    make: Make, machines: list[str], classes: list[str], expected: bool
) -> None:
    """Without a class, between machines; an unknown machine matches any."""
    frame = make({"default": 1.0, "cuts": 0.5}).assign(solver="scip")
    of = dict(zip(("default", "cuts"), zip(machines, classes, strict=True), strict=True))
    frame["machine"] = [of[name][0] for name in frame["setting"]]
    frame["machine_class"] = [of[name][1] for name in frame["setting"]]
    pairs = align_pairs(normalize(frame)[0], "default")
    assert set(are_split(pairs).tolist()) == {expected}


def test_cpu_time_of_several_threads_is_compared_with_a_warning(make: Make) -> None:
    """It counts all of them; wall time needs no warning."""
    frame = make({"default": 1.0, "cuts": 0.5}).assign(solver="highs", n_threads=4)
    frame["solve_cpu_s"] = frame["solve_wall_s"] = frame["solve_time_s"]
    (warning,) = compare(frame, Options(measure="cpu")).warnings
    assert "CPU time adds up all threads" in warning
    assert compare(frame, Options(measure="wall")).warnings == ()
    (warning,) = compare(frame.assign(clock="cpu")).warnings
    assert "--measure wall" in warning


def test_versions_of_a_solver_are_compared_with_a_warning(make: Make) -> None:
    """A version belongs to a setting; one that was not meant is seen."""
    frame = make({"default": 1.0, "cuts": 0.5}).assign(solver="scip")
    frame["solver_version"] = frame["setting"].map({"default": "9.2", "cuts": "10.0"})
    (warning,) = compare(frame).warnings
    assert "version of scip: 10.0, 9.2; a difference may come from the versions" in warning


def test_environments_that_name_their_version_need_no_warning(make: Make) -> None:
    """It is what they are compared for."""
    frame = make({"scip@9.2.4": 1.0, "scip": 0.5})
    version = {"scip@9.2.4": "9.2.4", "scip": "10.0.2"}
    frame = frame.assign(solver=frame["setting"], solver_version=frame["setting"].map(version))
    comparison = compare(frame, Options(baseline="scip@9.2.4"))
    assert comparison.warnings == ()
    assert comparison.basis.solvers == ("scip 10.0.2", "scip@9.2.4")


def test_different_solvers_may_be_compared(make: Make) -> None:
    """Their versions have nothing to do with each other."""
    frame = make({"scip": 1.0, "highs": 0.5})
    frame = frame.assign(solver=frame["setting"], solver_version=frame["setting"] + "1")
    assert compare(frame, Options(baseline="scip")).warnings == ()


def test_a_limit_that_is_known_of_one_setting_only_differs_from_nothing(make: Make) -> None:
    """Imported tables often say less."""
    frame = make({"default": 1.0, "cuts": 0.5})
    frame["memory_limit_mib"] = frame["setting"].map({"default": 512.0})
    assert compare(frame).warnings == ()


def test_limits_may_differ_between_instances(make: Make) -> None:
    """As long as all settings have the same ones."""
    frame = make({"default": 1.0, "cuts": 0.5})
    frame["time_limit_s"] = frame["instance"].map(lambda name: 1000.0 + len(name))
    assert compare(frame).basis.time_limits_s == (1002.0, 1003.0)


def test_two_versions_under_one_name_are_two_settings(make: Make) -> None:
    """Else the newer would silently replace the older."""
    frame = make({"default": 1.0, "cuts": 0.5}).assign(solver="scip", solver_version="9")
    frame.loc[frame["setting"] == "cuts", "setting"] = "default"
    frame.loc[len(frame) // 2 :, "solver_version"] = "10"
    comparison = compare(frame)
    assert comparison.settings == ("default (scip 9)", "default (scip 10)")


@pytest.mark.parametrize(
    ("params", "settings"),
    [
        (('{"a": 1}', '{"a": 2}'), ("fast (a=1)", "fast (a=2)")),
        (('{"a": 1, "b": 3}', '{"a": 1}'), ("fast (b=3)", "fast (without b)")),
        (('{"a": 1}', "{}"), ("fast (a=1)", "fast (without a)")),
        (
            ('{"a": 1, "b": 1, "c": 1, "d": 1}', "{}"),
            ("fast (parameters 1)", "fast (parameters 2)"),
        ),
        (("cuts off", "cuts on"), ("fast (parameters 1)", "fast (parameters 2)")),
    ],
)
def test_other_parameters_under_one_name_are_another_setting(
    make: Make, params: tuple[str, str], settings: tuple[str, str]
) -> None:
    """Else the newer sweep would silently replace the older, as a repetition."""
    frame = make({"fast": 1.0, "other": 0.5})
    is_first = frame["setting"] == "fast"
    frame = frame.assign(setting="fast", params=is_first.map({True: params[0], False: params[1]}))
    comparison = compare(frame)
    assert comparison.settings == settings
    assert any("parameters count as several settings: fast (" in one for one in comparison.notes)
    assert set(with_distinct_settings(frame)["setting"]) == set(settings)


def test_unknown_parameters_are_those_that_are_known(make: Make) -> None:
    """If results of a name have one set of parameters and others none, it is one setting."""
    frame = make({"default": 1.0, "cuts": 0.5})
    frame["params"] = frame["setting"].map({"cuts": '{"a": 1}'})
    frame.loc[frame["seed"] == 1, "params"] = None
    assert compare(frame).settings == ("default", "cuts")


@pytest.mark.parametrize(
    ("n", "factor", "warned"), [(12, 0.005, True), (12, 1.0, False), (20, 0.005, False)]
)
def test_few_instances_of_small_means_get_a_warning(
    make: Make, n: int, factor: float, warned: bool
) -> None:
    """There the intervals are known to be too narrow."""
    frame = make({"default": 1.0, "cuts": factor}, n=n)
    said = [each for each in compare(frame).warnings if "intervals may be too narrow" in each]
    few = f"few instances ({n}) and a mean below the shift of 1 (cuts)"
    assert said == [f"{few}: intervals may be too narrow"] * warned


def test_the_gap_of_a_solver_counts_where_none_was_given(make: Make) -> None:
    """HiGHS's own is not SCIP's; a result that does not know its own differs from nothing."""
    frame = make({"scip": 1.0, "highs": 0.5})
    frame["default_gap"] = frame["setting"].map({"scip": 0.0, "highs": 1e-4})
    scip = Options(baseline="scip")
    with pytest.raises(UsageError, match=r"differ in gap_limit: scip 0, highs 0.0001: compare"):
        compare(frame, scip)
    assert compare(frame.assign(gap_limit=0.0), scip).warnings == ()
    frame.loc[frame["setting"] == "highs", "gap_limit"] = 0.0
    assert compare(frame, scip).warnings == ()
    old = frame.assign(gap_limit=None, default_gap=frame["setting"].map({"scip": 0.0}))
    assert compare(old, scip).warnings == ()
