"""Currency arbitrage in whole lots: unbounded where a cycle of exchanges makes money."""

from __future__ import annotations

from bench.instances.generators.builder import ModelBuilder
from bench.instances.generators.draws import Draws
from bench.instances.generators.family import Family, Size
from bench.instances.generators.linear_model import LinearModel


def arbitrage(draws: Draws, *, currencies: int, gain: int) -> LinearModel:
    """Draw exchange rates around hidden values, with a loss of 1 to 5 percent on every exchange.

    x_ij (integer) lots of 1000 units of currency i are changed into r_ij units of j each; z_i is
    what is kept. Maximise sum v_i z_i subject to z_i + 1000 sum_j x_ij - sum_j r_ji x_ji = w_i.
    The rates along the cycle 0, 1, 2, ... gain `gain` percent each: with a gain of 1 or more
    the model is unbounded, with -1 or less it is not.
    """
    values = draws.integers(currencies, 50, 200)
    model = ModelBuilder("arbitrage", maximise=True)
    nodes = range(currencies)
    kept = [model.continuous(f"z_{i}", value) for i, value in enumerate(values)]
    balance = [[(1, column)] for column in kept]
    for i in nodes:
        for j in nodes:
            if i == j:
                continue
            percent = 100 + (gain if j == (i + 1) % currencies else -draws.integer(1, 5))
            lot = model.integer(f"x_{i}_{j}", 0)
            balance[i].append((1000, lot))
            balance[j].append((-(10 * percent * values[i] // values[j]), lot))
    for i in nodes:
        model.equal(f"balance_{i}", balance[i], draws.integer(5000, 20000))
    return model.build()


FAMILY = Family(
    "arbitrage",
    "currency arbitrage in whole lots",
    "T. Cormen, C. Leiserson, R. Rivest and C. Stein, Introduction to Algorithms, MIT Press, "
    "problem 24-3, 2001",
    (
        Size("currencies", 6, 2, 100, "currencies"),
        Size("gain", 3, -5, 20, "gain in percent on every exchange of one cycle"),
    ),
    arbitrage,
)
