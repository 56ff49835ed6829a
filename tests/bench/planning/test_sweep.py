"""From a declaration to a sweep, and what has to fit together in it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bench.errors import UsageError
from bench.model.limits import Clock, Limits
from bench.model.setting import Setting
from bench.model.sweep import Sweep, TaskOrder
from bench.planning.declaration import Declaration
from bench.planning.knobs import OBJECTIVE, SUPPORT
from bench.planning.sweep import check_baseline, check_permutations, check_seeds

Swept = Callable[[str], Sweep]
ROUNDS, CUTS = "separating/maxrounds", "separating/maxcuts"


def names(sweep: Sweep) -> list[str]:
    """Return the names of the settings."""
    return [setting.name for setting in sweep.settings]


def test_nothing_declared_is_stock_on_all_instances(swept: Swept) -> None:
    """One setting, one seed, no permutation, usual limits."""
    sweep = swept("")
    assert (names(sweep), sweep.seeds, sweep.permutations) == (["default"], (0,), (0,))
    assert sweep.settings[0].params == {}
    assert sweep.limits == {"default": Limits()}
    assert (sweep.instances, sweep.order) == (("a.mps",), TaskOrder.INTERLEAVED)


def test_without_named_settings_the_product_is_the_list_of_settings(swept: Swept) -> None:
    """Knobs become parameters, and values have their types."""
    sweep = swept(f"grid: {{alpha: [0.15, 0], {ROUNDS}: [0, 5]}}")
    assert names(sweep) == [
        f"alpha={alpha} maxrounds={n}" for alpha in ("0.15", "0") for n in (0, 5)
    ]
    first = sweep.settings[0]
    assert first.params == {OBJECTIVE: 0.075, SUPPORT: 0.075, ROUNDS: 0}
    assert first.knobs == {"alpha": 0.15, "l1_ratio": 0.5}


def test_what_differs_stands_first_in_a_name(swept: Swept) -> None:
    """What all settings share comes last."""
    assert names(swept(f"grid: {{alpha: 0.1, {ROUNDS}: [0, 5]}}")) == [
        *("maxrounds=0 alpha=0.1", "maxrounds=5 alpha=0.1")
    ]


def test_each_named_setting_is_crossed_with_the_grid(swept: Swept) -> None:
    """Files and stock too."""
    settings = f"settings: [my.set, {{rounds: {{{ROUNDS}: 0}}, stock: }}]"
    sweep = swept(f"{settings}\ngrid: {{alpha: [0, 1]}}")
    assert names(sweep) == [
        f"{name} alpha={alpha}" for name in ("my", "rounds", "stock") for alpha in (0, 1)
    ]
    assert sweep.settings[3].params == {OBJECTIVE: 0.5, SUPPORT: 0.5, ROUNDS: 0}


def test_one_value_for_all_is_not_in_the_names_of_named_settings(swept: Swept) -> None:
    """So that a baseline keeps its name."""
    sweep = swept(f"settings: {{stock: , my: my.set}}\ngrid: {{{ROUNDS}: 3}}\nbaseline: stock")
    assert names(sweep) == ["stock", "my"]
    assert [setting.params[ROUNDS] for setting in sweep.settings] == [3, 3]


def test_the_grid_goes_over_a_set_file(swept: Swept) -> None:
    """As -p does in bench run; the rest of the file holds."""
    sweep = swept(f"settings: my.set\ngrid: {{{CUTS}: [7, 8]}}")
    assert [setting.params for setting in sweep.settings] == [{CUTS: 7}, {CUTS: 8}]


def test_a_settings_own_parameter_goes_over_its_set_file(swept: Swept) -> None:
    """They stand side by side in the sweep file."""
    sweep = swept(f"settings: {{a: {{file: my.set, {CUTS}: 9}}, b: {{file: my.set, {ROUNDS}: 1}}}}")
    assert [setting.params for setting in sweep.settings] == [{CUTS: 9}, {CUTS: 2, ROUNDS: 1}]


def test_a_baseline_called_default_is_added_as_stock(swept: Swept) -> None:
    """In front, and not crossed with the grid."""
    sweep = swept("grid: {alpha: [0, 1]}\nbaseline: default")
    assert names(sweep) == ["default", "alpha=0", "alpha=1"]
    assert sweep.settings[0].params == {}
    assert sweep.limits.keys() == set(names(sweep))


@pytest.mark.parametrize(
    ("text", "baseline"),
    [
        ("settings: {my: my.set, plain: }", "plain"),
        ("settings: {a: , b: }", None),
        (f"settings: {{a: , default: {{{ROUNDS}: 1}}}}", None),
        ("settings: {a: , my: my.set}\nbaseline: my", "my"),
        ("start: [none, a.sol]", "start=none"),
        ("grid: {alpha: [0, 1]}", None),
    ],
)
def test_the_only_setting_that_changes_nothing_is_the_baseline(
    swept: Swept, text: str, baseline: str | None
) -> None:
    """Unless another is named, or called default."""
    assert swept(text).baseline == baseline


def test_a_setting_called_default_is_the_baseline(swept: Swept) -> None:
    """Then nothing is added."""
    sweep = swept(f"settings: {{a: , default: {{{ROUNDS}: 1}}}}\nbaseline: default")
    assert names(sweep) == ["a", "default"]


def test_settings_with_equal_parameters_are_allowed(swept: Swept) -> None:
    """Two names for one thing measure what chance does."""
    assert names(swept("settings: {first: , second: }")) == ["first", "second"]


def test_an_own_knob_sets_what_its_formulas_say(swept: Swept) -> None:
    """Its value stands among the knobs, beside those of bench that are in force."""
    sweep = swept(
        f"knobs: {{weight: {{{OBJECTIVE}: value * 0.5, {SUPPORT}: 0.2 - value * 0.5}}}}\n"
        "grid: {weight: [0.1, 0.2]}"
    )
    assert names(sweep) == ["weight=0.1", "weight=0.2"]
    first = sweep.settings[0]
    assert first.params == pytest.approx({OBJECTIVE: 0.05, SUPPORT: 0.15})
    assert first.knobs == pytest.approx({"weight": 0.1, "alpha": 0.2, "l1_ratio": 0.25})


def test_each_setting_may_have_a_solver_of_its_own(swept: Swept) -> None:
    """Its parameters are checked against that solver's catalogue, and alpha is SCIP's alone."""
    sweep = swept("settings: {s: {alpha: 0.1}, f: {solver: fake, seconds: 1e-1}}")
    assert [setting.solver for setting in sweep.settings] == ["scip", "fake"]
    assert sweep.settings[1].params == {"seconds": 0.1}
    assert sweep.settings[1].knobs == {}


def test_a_limit_may_be_swept_by_the_solvers_own_name(swept: Swept) -> None:
    """Then each setting has limits of its own, and the outer limit knows of them."""
    sweep = swept("grid: {limits/time: [1, 10]}\nmemory_limit: 100")
    assert sweep.limits == {
        "time=1": Limits(time_s=1.0, memory_mib=100),
        "time=10": Limits(time_s=10.0, memory_mib=100),
    }


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("grid: {separating/maxround: 1}", "s.yaml:2: grid: unknown parameter"),
        ("grid: {separating/maxround: 1}", "did you mean 'separating/maxrounds'"),
        ("grid: {aplha: 1}", "s.yaml:2: grid: unknown knob 'aplha'; did you mean 'alpha'?"),
        ("grid: {alpha: [0.1, x]}", "s.yaml:2: grid: alpha = 'x': expected a number"),
        ("grid: {alpha: [0.1, 3]}", "s.yaml:2: grid: alpha = 3: outside [0, 1]"),
        (f"grid: {{{ROUNDS}: 1.5}}", "s.yaml:2: grid: parameter separating/maxrounds = '1.5': exp"),
        (f"grid: {{{ROUNDS}: 100}}", "s.yaml:2: grid: parameter separating/maxrounds = '100': out"),
        ("grid: {alpha: []}", "s.yaml:2: grid: alpha: the list is empty"),
        ("grid: {alpha: [1, 1]}", "s.yaml:2: grid: alpha = 1 is listed twice"),
        ("grid: {randomization/permutationseed: 1}", "unknown parameter"),
        (
            "zip: {alpha: [1], l1_ratio: [0, 1]}",
            "s.yaml:2: zip: zipped lists must have equal lengths",
        ),
        ("zip: {seconds: [1]}", "s.yaml:2: zip: unknown parameter 'seconds'"),
        (
            "grid: {alpha: [0.1, 0.10]}",
            "the name 'alpha=0.1': s.yaml:2: grid with alpha = 0.1, and s.yaml:2: grid with alpha",
        ),
        (
            "settings: [a.set, x/a.set]",
            "two settings have the name 'a': s.yaml:2: a.set, and s.yaml:2: x/a.set;",
        ),
        (
            "settings: [a.set, {a: }]",
            "two settings have the name 'a': s.yaml:2: a.set, and s.yaml:2: setting 'a';",
        ),
        (
            "settings: {a: {alpha: 1}}\ngrid: {alpha: 1}",
            "s.yaml:2: setting 'a': alpha is in the grid or in zip too; keep one of them",
        ),
        ("settings: {a: {seconds: 1}}", "s.yaml:2: setting 'a': unknown parameter 'seconds'"),
        ("settings: {a: {solver: fake}}\ngrid: {alpha: 1}", "s.yaml:3: grid: alpha and l1_ratio"),
        ("baseline: defualt", "s.yaml:2: baseline: no setting 'defualt'; did you mean 'default'?"),
        ("baseline: xyz", "s.yaml:2: baseline: no setting 'xyz'; there are: default"),
        ("solver: fake\npermutations: 2", "s.yaml:3: permutations: solver 'fake' cannot permute"),
        (
            "grid: {randomization/randomseedshift: 4}\nseeds: 2",
            "s.yaml:3: seeds: setting 'randomseedshift=4' sets randomization/randomseedshift",
        ),
        (
            "grid: {limits/time: 4}\ntime_limit: 3",
            "setting 'time=4': one limit is given two values: limits/time=4 and time_limit=3",
        ),
        ("knobs: {alpha: {a/b: 1}}", "s.yaml:2: knobs: alpha is a built-in knob"),
        (
            f"knobs: {{w: {{{ROUNDS}: 1 / value}}}}\ngrid: {{w: [1, 0]}}",
            "s.yaml:3: grid: knob w = 0: '1 / value': the result for value = 0",
        ),
        (
            f"knobs: {{w: {{{ROUNDS}: value}}}}\ngrid: {{w: 200}}",
            "s.yaml:3: grid: knob w = 200: parameter separating/maxrounds = 200.0: outside",
        ),
        (
            f"knobs: {{w: {{{ROUNDS}: value}}}}\ngrid: {{w: 1, {ROUNDS}: 2}}",
            "parameter separating/maxrounds is already set by the knob w = 1",
        ),
        (
            f"knobs: {{w: {{{OBJECTIVE}: value}}}}\ngrid: {{w: 1, alpha: 0.2}}",
            "is already set by the knobs alpha and l1_ratio",
        ),
    ],
)
def test_what_cannot_be_executed_as_declared_is_refused(
    swept: Swept, text: str, words: str
) -> None:
    """One line with the place and the fix, before anything is executed."""
    with pytest.raises(UsageError) as caught:
        swept(f"# a sweep\n{text}")
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_sweep_without_instances_is_refused(make: Callable[[Declaration], Sweep]) -> None:
    """The message shows some."""
    with pytest.raises(UsageError, match=r"no instances were given; name some, e\.g\."):
        make(Declaration())


SETTINGS = [Setting(name=name, solver="scip") for name in ("a", "b", "c", "d", "e", "f")]
SEEDED = Setting(name="s", solver="scip", params={"randomization/randomseedshift": 1})


def test_a_baseline_that_is_not_there_is_told_with_some_that_are() -> None:
    """Not with all of a thousand."""
    with pytest.raises(UsageError, match=r"no setting 'xyz'; there are: a, b, c, d, e, \.\.\."):
        check_baseline(Declaration(baseline="xyz"), SETTINGS)
    check_baseline(Declaration(baseline="f"), SETTINGS)


def test_a_seed_may_be_said_once_only() -> None:
    """Seed 0 says nothing."""
    with pytest.raises(UsageError, match="setting 's' sets randomization/randomseedshift already"):
        check_seeds(Declaration(seeds=(0, 1)), [*SETTINGS, SEEDED])
    check_seeds(Declaration(seeds=(0,)), [SEEDED])
    check_seeds(Declaration(), [SEEDED])


def test_only_some_solvers_can_permute() -> None:
    """Permutation 0 anybody can."""
    with pytest.raises(UsageError, match="solver 'scip' cannot permute instances"):
        check_permutations(Declaration(permutations=(0, 1)), SETTINGS, set())
    check_permutations(Declaration(permutations=(0, 1)), SETTINGS, {"scip"})
    check_permutations(Declaration(permutations=(0,)), SETTINGS, set())


TWO_SOLVERS = "settings: [stock: , {other: {solver: fake}}]"


def test_several_solvers_stop_at_the_same_gap(swept: Swept) -> None:
    """At 0, unless another is given; with one solver it is the solver's own."""
    assert {each.gap for each in swept(TWO_SOLVERS).limits.values()} == {0.0}
    assert {each.gap for each in swept(f"{TWO_SOLVERS}\ngap: 0.01").limits.values()} == {0.01}
    assert swept("settings: [{a: {solver: fake}}, {b: {solver: fake}}]").limits["a"].gap is None


def test_several_solvers_are_limited_by_a_clock_that_all_can_count(swept: Swept) -> None:
    """One solver is left to do what it can."""
    with pytest.raises(UsageError, match=r"s.yaml:2: clock: solver 'fake' cannot measure CPU time"):
        swept(f"{TWO_SOLVERS}\nclock: cpu")
    assert {each.clock for each in swept(TWO_SOLVERS).limits.values()} == {Clock.WALL}
    assert swept("solver: fake\nclock: cpu").limits["default"].clock is Clock.CPU
