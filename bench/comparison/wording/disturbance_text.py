"""Texts about disturbed results, and about what decided in spite of them."""

from __future__ import annotations

from bench.comparison.comparison import BaselineDifference, Disturbance
from bench.comparison.disturbance import Support, widened
from bench.comparison.wording.evidence_text import percent
from bench.statistics.intervals import Interval


def counts_text(known: Disturbance, setting: str, baseline: str) -> str:
    """Return the numbers of disturbed results, e.g. ``disturbed: 3 of 20 of a, 4 of 20 of b``."""
    n = known.n_results
    own, base = f"{known.n_setting} of {n}", f"{known.n_baseline} of {n}"
    return f"disturbed: {own} results of {setting}, {base} of {baseline}"


def support_text(difference: BaselineDifference, found: Support) -> str:
    """Return as text which criterion decided, and why a claim is not accepted."""
    known = difference.disturbance
    match found:
        case Support.ALIKE:
            return "similar enough to decide by wall time" if known and known.by_wall else ""
        case Support.CPU:
            return f"so CPU time decides, and confirms it ({_cpu_text(known)})"
        case Support.WIDENED:
            wide = _range(widened(difference))
            return (
                f"so the interval is widened by the possible effect ({wide}), and still shows one"
            )
        case Support.NOT_BY_CPU:
            return f"CPU time does not confirm that ({_cpu_text(known)})"
        case Support.NOT_WIDENED:
            wide = _range(widened(difference))
            return f"widened by the possible effect, the interval of the ratio is {wide}"
        case _:
            return "there is no comparable CPU time to confirm that"


def _cpu_text(known: Disturbance | None) -> str:
    cpu = known.cpu if known else None
    if cpu is None or cpu.ratio is None:
        return "it has no ratio"
    p = "too few instances for a test" if cpu.p_holm is None else f"p = {cpu.p_holm:.2g}"
    return f"ratio {cpu.ratio:.3f}, {_range(cpu.interval)}, {p}"


def _range(interval: Interval | None) -> str:
    if interval is None:
        return "no interval"
    return f"{percent(interval.level)} interval {interval.low:.3f} to {interval.high:.3f}"
