"""A declaration: the content of a sweep file or a command line, before a solver checks it."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.model.included import Included
from bench.model.looks import Until
from bench.model.record_level import RecordLevel
from bench.model.setting import Setting
from bench.model.sweep import TaskOrder
from bench.planning.declared_executor import DeclaredExecutor
from bench.planning.emphases import Emphases

SOLVER = "scip"
NAME = "sweep"

Lists = Mapping[str, tuple[str, ...]]
"""Knobs and parameters by name, with the list of values of each, as texts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedSetting:
    """A named setting: its own knobs and parameters override those of a file or model.

    ``solver`` None means each of the sweep, or those that match the pattern ``only``
    (`bench.model.solver_name`). ``setting_from`` refers to a registered setting, which is in
    ``base`` once it was looked up; it also provides the name if ``name`` is empty. ``origin`` is
    the place of its declaration for messages.
    """

    name: str
    params: Mapping[str, str] = field(default_factory=dict)
    file: Path | None = None
    setting_from: str | None = None
    base: Setting | None = None
    solver: str | None = None
    only: str | None = None
    origin: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaration:
    """A declaration; None or empty means not given.

    ``own_solvers`` are combined with all settings that name no solver. The lists in ``grid`` are
    combined; the lists of one entry of ``zips`` advance together. ``knobs`` defines the user's
    knobs: by name, the parameters that each sets and their formulas. ``limits`` has fields of
    Limits. ``included`` has the functions of plug-in texts, and ``emphases`` those of each solver,
    once they were looked up. ``origins`` are the places of the declarations, by their path of keys.
    """

    name: str | None = None
    own_solvers: tuple[str, ...] = ()
    instances: tuple[str, ...] = ()
    grid: Lists = field(default_factory=dict)
    zips: tuple[Lists, ...] = ()
    settings: tuple[NamedSetting, ...] = ()
    knobs: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    baseline: str | None = None
    seeds: tuple[int, ...] | None = None
    permutations: tuple[int, ...] | None = None
    limits: Mapping[str, Any] = field(default_factory=dict)
    order: TaskOrder | None = None
    shuffle_seed: int | None = None
    solu: tuple[Path, ...] = ()
    solu_columns: str | None = None
    lint: bool | None = None
    record: RecordLevel | None = None
    until: Until | None = None
    jobs: int | None = None
    execution: DeclaredExecutor | None = None
    experiment_name: str | None = None
    included: Mapping[str, tuple[Included, ...]] = field(default_factory=dict)
    emphases: Mapping[str, Emphases] = field(default_factory=dict)
    origins: Mapping[tuple[str, ...], str] = field(default_factory=dict, compare=False)

    @property
    def axis(self) -> tuple[str, ...]:
        """The solvers of settings that name none."""
        return self.own_solvers or (SOLVER,)

    @property
    def solvers(self) -> tuple[str, ...]:
        """The names of all solvers of the settings, without repetition; the sweep's own first."""
        named = (named.solver for named in self.settings if named.solver)
        return tuple(dict.fromkeys([*self.axis, *named]))

    def at(self, *path: str) -> str:
        """Return the beginning of a message about these keys: file, line and key, or nothing."""
        return f"{self.origins[path]}: " if path in self.origins else ""


def merged(file: Declaration, command_line: Declaration) -> Declaration:
    """Return the combination of both; the command line overrides the file.

    Entries of ``grid``, ``knobs`` and ``limits`` are replaced and added one by one, by their names;
    a new name comes last. All others are replaced as a whole: ``--settings-file`` replaces all
    settings of the file, ``--zip`` all its zipped lists, instances its instances.
    """
    said = {
        each.name: value
        for each in dataclasses.fields(Declaration)
        if (value := getattr(command_line, each.name)) not in (None, (), {})
    }
    stale: set[tuple[str, ...]] = {(name,) for name in said if name not in _MAPPINGS}
    for name in _MAPPINGS:
        said[name] = {**getattr(file, name), **getattr(command_line, name)}
        stale |= {(name, key) for key in getattr(command_line, name)}
    said["origins"] = {
        path: origin
        for path, origin in file.origins.items()
        if path[:1] not in stale and path[:2] not in stale
    }
    return dataclasses.replace(file, **said)


_MAPPINGS = ("grid", "knobs", "limits")
