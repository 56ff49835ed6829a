"""Options that have a new name: the old one works for one version, with a notice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

_LEVEL = {"--alpha": "--level"}
RENAMED: Mapping[str, Mapping[str, str]] = {
    "compare": _LEVEL,
    "gate": _LEVEL,
    "history": _LEVEL,
    "plot": _LEVEL,
    "report": _LEVEL,
    "selftest": _LEVEL,
}
"""Command -> old name of an option -> its new name."""


def with_new_names(argv: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the arguments of ``bench`` with new names, and a notice for each that was old."""
    renamed = RENAMED.get(argv[0], {}) if argv else {}
    given, notices = [], []
    for word in argv:
        name, sign, value = word.partition("=")
        new = renamed.get(name)
        if new is not None:
            notices.append(f"Note: {name} of bench {argv[0]} is now {new}; please use the new name")
        given.append(f"{new or name}{sign}{value}")
    return given, notices
