"""Renamed options: the old name works for one version, with a notice."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping, Sequence

_LEVEL = {"--alpha": "--level"}
_SETTINGS = {"--settings": "--settings-file"}
RENAMED: Mapping[str, Mapping[str, str]] = {
    "compare": _LEVEL,
    "gate": _LEVEL,
    "history": _LEVEL,
    "plot": _LEVEL,
    "report": _LEVEL,
    "selftest": _LEVEL,
    "run": {"--name": "--setting-name", **_SETTINGS},
    "sweep": _SETTINGS,
    "plan": _SETTINGS,
    "params": _SETTINGS,
    "register": _SETTINGS,
}
"""Command -> old name of an option -> its new name."""
_RUN = {"BENCH_NAME": "BENCH_SETTING_NAME", "BENCH_SETTINGS": "BENCH_SETTINGS_FILE"}
_SWEEP = {"BENCH_SETTINGS": "BENCH_SETTINGS_FILE"}
RENAMED_VARIABLES: Mapping[str, Mapping[str, str]] = {
    "run": _RUN,
    "sweep": _SWEEP,
    "plan": _SWEEP,
    "params": _SWEEP,
}
"""Command -> old name of an environment variable -> its new name."""


def with_new_names(argv: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the arguments of ``bench`` with new names, and a notice for each old one."""
    renamed = RENAMED.get(argv[0], {}) if argv else {}
    given, notices = [], []
    for word in argv:
        name, sign, value = word.partition("=")
        new = renamed.get(name)
        if new is not None:
            notices.append(f"Note: {name} of bench {argv[0]} is now {new}; please use the new name")
        given.append(f"{new or name}{sign}{value}")
    return given, notices


def rename_variables(command: str, environment: MutableMapping[str, str]) -> list[str]:
    """Set the new variables of a command from the old ones, and return a notice for each.

    A new variable that is already set keeps its value, and the old one is then ignored silently.
    """
    notices = []
    for old, new in RENAMED_VARIABLES.get(command, {}).items():
        if environment.get(old) and not environment.get(new):
            environment[new] = environment[old]
            notices.append(
                f"Note: the variable {old} of bench {command} is now {new}; please use the new name"
            )
    return notices
