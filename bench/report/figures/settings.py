"""Figures that compare settings: profile, cactus, scatter, ratios by instance."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd

from bench.comparison.compare import Prepared
from bench.comparison.options import Options, measure_label
from bench.comparison.pairs import SOLVED
from bench.report.figures.figure import Axis, Curve, CurveKind, Figure
from bench.statistics.arrays import Floats
from bench.statistics.curves import cactus, profile, ratios_to_best

MOST_RATIO = 100.0
N_RATIOS = 200
MOST_NAMED, MOST_BARS = 40, 4
"""The largest number of instances with names in a figure, and of settings with bars there."""
ROW_SHARE = 0.7
"""The share of a row that bars have."""


def profile_figure(ready: Prepared, options: Options) -> Figure:
    """Return the performance profile (Dolan and More 2002)."""
    pairs = ready.pairs
    amounts = _clipped(ready, options)
    ratios = ratios_to_best(amounts, ready.costs.reached)
    finite = ratios[np.isfinite(ratios)]
    most = min(MOST_RATIO, max(2.0, float(finite.max()) * 1.05)) if finite.size else 2.0
    taus = np.geomspace(1.0, most, N_RATIOS)
    shares = profile(amounts, ready.costs.reached, taus)
    return Figure(
        title="Performance profile",
        x=Axis(label=f"at most this many times the best {measure_label(options.of)}", log=True),
        y=Axis(label=f"share of pairs {_happened(options)}", low=0.0, high=1.02),
        curves=tuple(
            Curve(
                name=name, kind=CurveKind.STEPS, xs=_list(taus), ys=_list(shares[:, at]), colour=at
            )
            for at, name in enumerate(pairs.settings)
        ),
        alternative=_sentence(
            "Share of pairs on which a setting is best, and solved within twice the best",
            {
                name: f"{shares[0, at]:.0%} and {_at(taus, shares[:, at], 2.0):.0%}"
                for at, name in enumerate(pairs.settings)
            },
        ),
    )


def cactus_figure(ready: Prepared, options: Options) -> Figure:
    """Return how many pairs each setting solved, and the cost of the hardest of them."""
    pairs = ready.pairs
    curves = []
    told = {}
    for at, (name, solved) in enumerate(
        zip(pairs.settings, cactus(ready.costs.amounts, ready.costs.reached), strict=True)
    ):
        counts = list(range(1, len(solved) + 1))
        kind = CurveKind.STEPS if len(counts) > 1 else CurveKind.POINTS
        curves.append(Curve(name=name, kind=kind, xs=counts, ys=_list(solved), colour=at))
        told[name] = f"{len(counts)} of {len(pairs)}"
    return Figure(
        title="Cactus plot",
        x=Axis(label=f"pairs {_happened(options)}"),
        y=Axis(label=measure_label(options.of), log=True),
        curves=tuple(curves),
        alternative=_sentence("Pairs solved", told),
    )


def scatter_figure(ready: Prepared, options: Options) -> Figure:
    """Return every pair's cost with each setting against that with the baseline."""
    all_pairs = ready.pairs
    amounts = _clipped(ready, options)[ready.costs.counted]
    names = np.array(all_pairs.words("instance"), dtype=object)[ready.costs.counted]
    curves = []
    told = {}
    for at, setting in enumerate(all_pairs.settings[1:], start=1):
        pairs = amounts[:, [0, at]]
        texts = [
            f"{name}: {own:.4g} against {base:.4g}"
            for name, (base, own) in zip(names, pairs, strict=True)
        ]
        xs, ys = _list(pairs[:, 0]), _list(pairs[:, 1])
        curves.append(
            Curve(name=setting, kind=CurveKind.POINTS, xs=xs, ys=ys, texts=texts, colour=at)
        )
        told[setting] = f"less on {int((pairs[:, 1] < pairs[:, 0]).sum())} of {len(pairs)} pairs"
    baseline = all_pairs.settings[0]
    return Figure(
        title=f"Each pair against {baseline}",
        x=Axis(label=f"{measure_label(options.of)} with {baseline}", log=True),
        y=Axis(label=f"{measure_label(options.of)} with the other setting", log=True),
        curves=tuple(curves),
        alternative=_sentence(f"{measure_label(options.of)}, compared with {baseline}", told),
        diagonal=True,
    )


def ratio_figure(ready: Prepared, options: Options) -> Figure:
    """Return for each instance the ratio to the baseline, over all its seeds, ascending.

    Up to 40 instances have names, and all settings have them in one order: that of the mean of
    their logarithms. With more instances, each setting has its own order.
    """
    pairs = ready.pairs
    counted = ready.costs.counted
    logs = np.log(_clipped(ready, options)[counted] + options.shift_used)
    instance = pairs.instance[counted]
    names = np.array(pairs.words("instance"), dtype=object)[counted]
    present, first, position = np.unique(instance, return_index=True, return_inverse=True)
    each = np.bincount(position, minlength=len(present))
    changes = np.array(
        [
            np.bincount(position, weights=change, minlength=len(present)) / np.maximum(each, 1)
            for change in (logs[:, 1:] - logs[:, :1]).T
        ]
    )
    is_named = 0 < len(present) <= MOST_NAMED
    common = np.argsort(changes.mean(axis=0), kind="stable")
    kind = CurveKind.BARS if is_named and len(changes) <= MOST_BARS else CurveKind.POINTS
    curves = []
    told = {}
    for at, (setting, change) in enumerate(zip(pairs.settings[1:], changes, strict=True)):
        order = common if is_named else np.argsort(change, kind="stable")
        ratios = np.exp(change[order])
        labels = [str(names[first[k]]) for k in order]
        texts = [f"{name}: {ratio:.3f}" for name, ratio in zip(labels, ratios, strict=True)]
        width = ROW_SHARE / len(changes)
        beside = (at - (len(changes) - 1) / 2) * width if kind is CurveKind.BARS else 0
        curves.append(
            Curve(
                name=setting,
                kind=kind,
                xs=[k + beside for k in range(1, len(order) + 1)],
                ys=_list(ratios),
                texts=texts,
                colour=at + 1,
                width=width,
            )
        )
        told[setting] = f"below 1 on {int((ratios < 1).sum())} of {len(ratios)} instances"
    x = Axis(label="instance")
    if not is_named:
        x = Axis(label="instances, each setting in the order of its own ratios")
    return Figure(
        title=f"Ratio to {pairs.settings[0]} by instance",
        x=x,
        y=Axis(label=f"ratio of shifted {measure_label(options.of)} (below 1 is better)", log=True),
        curves=tuple(curves),
        alternative=_sentence(f"Ratio to {pairs.settings[0]}", told),
        level=1.0,
        names=tuple(str(names[first[k]]) for k in common) if is_named else (),
    )


def solved_figure(results: pd.DataFrame, options: Options) -> Figure:
    """Return the cactus plot of results without a comparison; columns as in `compare`."""
    measure = options.of
    solved = results[results["verdict"].isin(SOLVED)]
    curves = []
    told = {}
    for at, (name, own) in enumerate(solved.groupby("setting", sort=True, observed=True)):
        ys = sorted(own[measure.column].dropna().astype("float64"))
        kind = CurveKind.STEPS if len(ys) > 1 else CurveKind.POINTS
        curves.append(
            Curve(name=str(name), kind=kind, xs=list(range(1, len(ys) + 1)), ys=ys, colour=at)
        )
        told[str(name)] = f"{len(ys)} of {int((results['setting'] == name).sum())}"
    return Figure(
        title="Cactus plot",
        x=Axis(label="results solved"),
        y=Axis(label=measure_label(options.of), log=True),
        curves=tuple(curves),
        alternative=_sentence("Results solved", told) if told else "Nothing is solved.",
    )


SETTING_FIGURES: Mapping[str, Callable[[Prepared, Options], Figure]] = {
    "profile": profile_figure,
    "cactus": cactus_figure,
    "scatter": scatter_figure,
    "ratios": ratio_figure,
}
"""The figures of a comparison by their names."""


def _clipped(ready: Prepared, options: Options) -> Floats:
    amounts = ready.costs.amounts
    return amounts if options.clip_used is None else np.maximum(amounts, options.clip_used)


def _happened(options: Options) -> str:
    """Return the name of the event that counts as a success."""
    return "that reached it" if options.of.of_bounds else "solved"


def _at(taus: Floats, shares: Floats, tau: float) -> float:
    return float(shares[min(int(np.searchsorted(taus, tau)), len(shares) - 1)])


def _sentence(what: str, told: Mapping[str, str]) -> str:
    return f"{what}: " + "; ".join(f"{name} {words}" for name, words in told.items()) + "."


def _list(values: Floats) -> list[float]:
    return [float(value) for value in values]
