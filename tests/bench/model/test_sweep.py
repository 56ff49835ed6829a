"""The noun sweep."""

from __future__ import annotations

from bench.model.limits import Limits
from bench.model.setting import Setting
from bench.model.sweep import Sweep, TaskOrder

SETTINGS = tuple(Setting(name=name, solver=name[0]) for name in ("b1", "a", "b2"))


def test_the_solvers_are_those_of_the_settings_each_once() -> None:
    """They come in the order of the settings."""
    limits = {setting.name: Limits() for setting in SETTINGS}
    sweep = Sweep(name="s", settings=SETTINGS, limits=limits, instances=("x.mps",))
    assert sweep.solvers == ("b", "a")


def test_a_sweep_is_interleaved_and_stock_unless_it_says_otherwise() -> None:
    """One seed, one permutation, both 0, and no baseline."""
    sweep = Sweep(name="s", settings=(), limits={}, instances=())
    assert sweep.order is TaskOrder.INTERLEAVED
    assert (sweep.seeds, sweep.permutations, sweep.baseline) == ((0,), (0,), None)
