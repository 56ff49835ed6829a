"""A declaration: what a sweep file or a command line says, before it is checked by a solver."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.model.included import Included
from bench.model.record_level import RecordLevel
from bench.model.setting import Setting
from bench.model.sweep import TaskOrder

SOLVER = "scip"
NAME = "sweep"

Lists = Mapping[str, tuple[str, ...]]
"""Knobs and parameters by name, and the values that each takes, as texts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedSetting:
    """A named setting: knobs and parameters of its own over those of a ``.set`` file or a model.

    ``solver`` None is each of the sweep, or those of them that the pattern ``only`` means
    (`bench.model.solver_name`). ``setting_from`` refers to a registered setting, which
    stands in ``base`` once it was looked up; it also gives a name where ``name`` is empty.
    ``origin`` says in messages where it was declared.
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
    """What was declared; None or empty is not said.

    ``own_solvers`` multiply with all settings that name no solver. ``grid`` multiplies; the
    lists of one entry of ``zips`` advance together. ``knobs`` defines own knobs: by name, the
    parameters that each sets and their formulas. ``limits`` has fields of Limits. ``included`` has
    the functions that texts of plug-ins mean, once they were looked up. ``origins`` says
    where something was declared, by its path of keys.
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
    jobs: int | None = None
    experiment_name: str | None = None
    included: Mapping[str, tuple[Included, ...]] = field(default_factory=dict)
    origins: Mapping[tuple[str, ...], str] = field(default_factory=dict, compare=False)

    @property
    def axis(self) -> tuple[str, ...]:
        """The solvers of settings that name none."""
        return self.own_solvers or (SOLVER,)

    @property
    def solvers(self) -> tuple[str, ...]:
        """The names of all solvers that the settings use, each once; the sweep's own first."""
        named = (named.solver for named in self.settings if named.solver)
        return tuple(dict.fromkeys([*self.axis, *named]))

    def at(self, *path: str) -> str:
        """Return what a message about these keys begins with: file, line and key, or nothing."""
        return f"{self.origins[path]}: " if path in self.origins else ""


def merged(file: Declaration, command_line: Declaration) -> Declaration:
    """Return what both say together; what stands on the command line goes over the file.

    Entries of ``grid``, ``knobs`` and ``limits`` are replaced and added one by one, by their
    names; a new name comes last. Anything else is replaced as a whole: ``--settings-file`` takes
    the place of all settings of the file, ``--zip`` that of all its zipped lists, instances that of
    its instances.
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
