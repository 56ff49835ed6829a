"""Adapt names, values and numbers to MLflow's limits, by shortening instead of failing."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

from bench.model.numbers import number

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

MAX_KEY = 250
MAX_PARAM = 6000
MAX_TAG = 8000
MAX_POINTS = 120
DIGITS = 6
"""Significant digits of a metric, because MLflow shows all digits."""

_NOT_ALLOWED = re.compile(r"[^\w\-. :/]")


def truncate_key(key: str) -> str:
    """Return the shortened key, with characters other than ``[A-Za-z0-9_-. :/]`` replaced."""
    path = posixpath.normpath(_NOT_ALLOWED.sub("_", key)).lstrip("/.") or "_"
    return path if len(path) <= MAX_KEY else path[: MAX_KEY - 3] + "..."


def truncate_text(text: str, length: int) -> str:
    """Return the text, truncated with an ellipsis if it is longer than ``length`` characters."""
    return text if len(text) <= length else text[: length - 1] + "…"


def truncate_params(params: Mapping[str, object]) -> dict[str, str]:
    """Return the params as texts, without those that are None."""
    return {
        truncate_key(name): truncate_text(text(value), MAX_PARAM)
        for name, value in params.items()
        if value is not None
    }


def truncate_tags(tags: Mapping[str, object]) -> dict[str, str]:
    """Return the tags as texts, without those that are None or empty."""
    return {
        truncate_key(name): truncate_text(text(value), MAX_TAG)
        for name, value in tags.items()
        if value is not None and value != ""
    }


def truncate_metrics(metrics: Mapping[str, float | None]) -> dict[str, float]:
    """Return the metrics that are finite numbers below 1e20 in magnitude, rounded."""
    finite = ((truncate_key(name), number(value)) for name, value in metrics.items())
    return {name: rounded(value) for name, value in finite if value is not None}


def rounded(value: float) -> float:
    """Return a number with six significant digits."""
    return float(f"{value:.{DIGITS}g}")


def thin_points(
    points: Iterable[tuple[int, int, float | None]], most: int = MAX_POINTS
) -> list[tuple[int, int, float]]:
    """Return the (timestamp in ms, step, value) with a finite value, thinned evenly to ``most``.

    Values are rounded. The first and the last one are kept; steps are unchanged, so that gaps are
    visible.
    """
    return _thinned(
        [
            (when, step, rounded(kept))
            for when, step, value in points
            if (kept := number(value)) is not None
        ],
        most,
    )


def text(value: object) -> str:
    """Return a value as text, truth values in lower case as SCIP and YAML write them."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value)


def _thinned(points: Sequence[tuple[int, int, float]], most: int) -> list[tuple[int, int, float]]:
    if len(points) <= most:
        return list(points)
    stride = (len(points) - 1) / (most - 1)
    return [points[round(index * stride)] for index in range(most)]
