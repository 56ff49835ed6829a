"""A selector: settings, and a chooser that selects one by the statistics of an instance."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass

import numpy as np

from bench.errors import UsageError
from bench.model.instances.problem import ProblemStatistics
from bench.model.registered_setting import RegisteredSetting, check_versions
from bench.model.setting import Setting
from bench.selection import forest as forests
from bench.selection.chooser import Chooser
from bench.selection.features import features_of
from bench.statistics.arrays import Floats

DESCRIPTION = "selector.json"
TREES = "trees.npz"
SHOWN = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The setting for an instance and the reason; ``notes`` are about unusual statistics."""

    setting: Setting
    reason: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Selector:
    """Settings of one solver, and a chooser that has learned from ``features``.

    It does not contain the names of training instances.
    """

    settings: tuple[Setting, ...]
    solver_version: str
    bench_version: str
    features: tuple[str, ...]
    chooser: Chooser

    @property
    def solver(self) -> str:
        """The solver of all settings."""
        return self.settings[0].solver

    @property
    def single_best(self) -> Setting:
        """The setting that was best on average."""
        return self.settings[self.chooser.single_best]

    def registered(self, chosen: Setting) -> RegisteredSetting:
        """Return one of the settings with the versions that it was measured with."""
        return RegisteredSetting(
            setting=chosen, solver_version=self.solver_version, bench_version=self.bench_version
        )

    def check_versions(self, *, solver: str, bench: str, name: str) -> None:
        """Raise UsageError unless these are the versions that it was trained with.

        ``name`` is the name of the model in the message.
        """
        check_versions(
            ((self.solver, self.solver_version, solver), ("bench", self.bench_version, bench)),
            name,
            "trained",
            "train the selector again",
        )

    def choose(self, problem: ProblemStatistics | None) -> Choice:
        """Return the setting for a problem, the single best if its statistics are unknown."""
        best = self.single_best
        known = features_of(problem) if problem is not None else {}
        values = np.array([known.get(name, np.nan) for name in self.features])
        if np.isnan(values).all():
            reason = f"{best.name} is best on average, and the instance has no statistics"
            return Choice(setting=best, reason=reason)
        if self.chooser.forest is None:
            reason = f"{best.name} is best on average, and choosing gained nothing in training"
            return Choice(setting=best, reason=reason)
        chosen = int(self.chooser.choices(values[None])[0])
        reason = f"nothing is predicted to cost 5 % less than {best.name}"
        if chosen != self.chooser.single_best:
            predicted = self.chooser.predicted(values[None])[0]
            less = 1 - np.exp(predicted[chosen] - predicted[self.chooser.single_best])
            reason = f"predicted to cost {100 * less:.0f} % less than {best.name}"
        return Choice(
            setting=self.settings[chosen], reason=reason, notes=tuple(self._notes(values))
        )

    def _notes(self, values: Floats) -> list[str]:
        named = np.array(self.features)
        unknown = named[np.isnan(values)].tolist()
        outside = named[self.chooser.outside(values)].tolist()
        notes = []
        if unknown:
            median = "replaced by the median of the training instances"
            notes.append(f"unknown, {median}: {_listed(unknown)}")
        if outside:
            notes.append(f"outside the range of the training instances: {_listed(outside)}")
        return notes

    def to_files(self) -> dict[str, bytes]:
        """Return it as files by name, which `from_files` reads."""
        content = {
            "settings": [asdict(each) for each in self.settings],
            "solver_version": self.solver_version,
            "bench_version": self.bench_version,
            "features": self.features,
            "single_best": self.chooser.single_best,
            "fill": self.chooser.fill.tolist(),
            "low": self.chooser.low.tolist(),
            "high": self.chooser.high.tolist(),
        }
        files = {DESCRIPTION: (json.dumps(content, indent=2) + "\n").encode()}
        if self.chooser.forest is not None:
            files[TREES] = self.chooser.forest.to_bytes()
        return files


@dataclass(frozen=True, slots=True, kw_only=True)
class _Description:
    """The content of the file `DESCRIPTION`."""

    settings: tuple[Setting, ...]
    solver_version: str
    bench_version: str
    features: tuple[str, ...]
    single_best: int
    fill: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]

    @property
    def is_sound(self) -> bool:
        """Whether its parts fit each other."""
        vectors = (self.fill, self.low, self.high)
        return 0 <= self.single_best < len(self.settings) and all(
            len(each) == len(self.features) for each in vectors
        )


def from_files(files: Mapping[str, bytes], source: str) -> Selector:
    """Return the selector in these files; UsageError, which names the source, for other files."""
    from pydantic import TypeAdapter, ValidationError  # noqa: PLC0415  never in a solver's process

    try:
        found = TypeAdapter(_Description).validate_json(files[DESCRIPTION])
    except (KeyError, ValidationError) as error:
        raise UsageError(
            f"{source} is not a selector of bench; choose a model that bench select register "
            "created"
        ) from error
    forest = forests.from_bytes(files[TREES], source) if TREES in files else None
    if not found.is_sound or not _fits(forest, found):
        raise UsageError(f"{source} is a damaged selector; train and register it again")
    return Selector(
        settings=found.settings,
        solver_version=found.solver_version,
        bench_version=found.bench_version,
        features=found.features,
        chooser=Chooser(
            single_best=found.single_best,
            forest=forest,
            fill=np.array(found.fill),
            low=np.array(found.low),
            high=np.array(found.high),
        ),
    )


def _fits(forest: forests.Forest | None, found: _Description) -> bool:
    return forest is None or (
        forest.value.shape[1] == len(found.settings)
        and int(forest.feature.max()) < len(found.features)
    )


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more
