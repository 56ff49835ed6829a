"""Capacitated lot-sizing: when to set up which item, with setup times and inventory."""

from __future__ import annotations

from bench.instances.generators.builder import ModelBuilder
from bench.instances.generators.draws import Draws
from bench.instances.generators.family import Family, Size
from bench.instances.generators.linear_model import LinearModel, Term


def lot_sizing(draws: Draws, *, items: int, periods: int, utilisation: int) -> LinearModel:
    """Draw demands in 50..150, setup times in 10..50 and setup costs for lots of a few periods.

    With production x_it, stock s_it and setups y_it: minimise sum h_i s_it + q_i y_it subject to
    s_i,t-1 + x_it = d_it + s_it, sum_i x_it + t_i y_it <= C, x_it <= (d_it + ... + d_iT) y_it.
    Producing lot for lot would use `utilisation` percent of C in the mean period.
    """
    demands = [draws.integers(periods, 50, 150) for _ in range(items)]
    setup_times = draws.integers(items, 10, 50)
    work = sum(map(sum, demands)) + periods * sum(setup_times)
    capacity = 100 * work // (utilisation * periods)
    model = ModelBuilder("lot_sizing")
    load: list[list[Term]] = [[] for _ in range(periods)]
    for i, (demand, setup_time) in enumerate(zip(demands, setup_times, strict=True)):
        holding, setup = draws.integer(1, 5), draws.integer(200, 1000)
        before = None
        for t, need in enumerate(demand):
            lot = model.continuous(f"x_{i}_{t}", 0)
            stock = model.continuous(f"s_{i}_{t}", holding)
            is_set_up = model.binary(f"y_{i}_{t}", setup)
            carried: list[Term] = [] if before is None else [(1, before)]
            model.equal(f"balance_{i}_{t}", [*carried, (1, lot), (-1, stock)], need)
            model.at_most(f"setup_{i}_{t}", [(1, lot), (-sum(demand[t:]), is_set_up)], 0)
            load[t] += [(1, lot), (setup_time, is_set_up)]
            before = stock
    for t, terms in enumerate(load):
        model.at_most(f"capacity_{t}", terms, capacity)
    return model.build()


FAMILY = Family(
    "lot_sizing",
    "multi-item capacitated lot-sizing with setup times",
    "W. Trigeiro, L. J. Thomas and J. McClain, Capacitated lot sizing with setup times, "
    "Management Science 35, 1989",
    (
        Size("items", 4, 1, 100, "items"),
        Size("periods", 10, 3, 200, "periods"),
        Size("utilisation", 85, 10, 110, "capacity used by lot-for-lot production, in percent"),
    ),
    lot_sizing,
)
