"""Names of settings: short, and what differs first, because the MLflow UI cuts them off."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterable, Mapping

from bench.errors import UsageError
from bench.model.setting import ParameterValue

DEFAULT_NAME = "default"


def checked(name: str) -> str:
    """Return the name; UsageError if it has control characters, which no table can show."""
    if any(unicodedata.category(character) in {"Cc", "Cs"} for character in name):
        raise UsageError(f"name {name!r}: control characters cannot be part of a name")
    return name


def setting_name(
    base: str | None,
    choices: Mapping[str, ParameterValue],
    labels: Mapping[str, str] | None = None,
    varying: Collection[str] = (),
) -> str:
    """Return e.g. ``alpha=0.15 l1_ratio=0.001``, ``cuts alpha=0.1``; ``default`` for no choice.

    ``choices`` are knobs and parameters in order; those in ``varying`` come before the others.
    ``labels`` has the short name of each, else it is the last part.
    """
    labels = shortest(choices) if labels is None else labels
    ordered = sorted(choices, key=lambda name: name not in varying)
    parts = [f"{labels[name]}={_shown(choices[name])}" for name in ordered]
    return " ".join([base, *parts] if base else parts) or DEFAULT_NAME


def shortest(names: Iterable[str]) -> dict[str, str]:
    """Return for each name the shortest end of it, in whole parts, that no other name shares.

    E.g. ``a/freq``, ``b/c/freq``, ``x/y`` -> ``a/freq``, ``c/freq``, ``y``.
    """
    every = list(dict.fromkeys(names))
    labels = {}
    for name in every:
        parts = name.split("/")
        ends = ("/".join(parts[i:]) for i in range(len(parts) - 1, -1, -1))
        labels[name] = next(
            (end for end in ends if sum(_ends(other, end) for other in every) == 1), name
        )
    return labels


def _ends(name: str, end: str) -> bool:
    return name == end or name.endswith(f"/{end}")


def _shown(value: ParameterValue) -> str:
    return f"{value:.15g}" if isinstance(value, float) else str(value)
