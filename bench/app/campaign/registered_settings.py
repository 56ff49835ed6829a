"""Settings and selectors by reference to MLflow's model registry: ``models:/NAME@ALIAS``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import bench
from bench.errors import UsageError
from bench.model.registered_setting import SELECTOR, RegisteredSetting, from_json
from bench.planning.declaration import Declaration, NamedSetting
from bench.solvers import registry

if TYPE_CHECKING:
    from bench.selection.selector import Selector


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundSetting:
    """A registered setting, with name, version and present aliases of its model."""

    registered: RegisteredSetting
    model: str
    version: int
    aliases: tuple[str, ...]

    @property
    def solver(self) -> str:
        """The solver of the setting."""
        return self.registered.setting.solver

    @property
    def title(self) -> str:
        """The name of a setting made from it, which contains the version."""
        return f"{self.model} v{self.version}"


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundSelector:
    """A registered selector, with name and version of its model."""

    selector: Selector
    model: str
    version: int

    @property
    def solver(self) -> str:
        """The solver of its settings."""
        return self.selector.solver

    @property
    def title(self) -> str:
        """What the names of settings begin with that it has chosen."""
        return f"{self.model} v{self.version}"

    @property
    def uri(self) -> str:
        """The version as MLflow and ``--setting-from`` refer to it."""
        return f"models:/{self.model}/{self.version}"


def find_setting(
    reference: str, uri: str | None, instead: Callable[[FoundSelector], str]
) -> FoundSetting:
    """Return the setting that a reference means now.

    Raise UsageError for an unknown model, alias or version, for a selector, and for a setting that
    was registered with another version of its solver or of bench; TrackingError if the store cannot
    be reached. ``instead`` says what to do with a selector.
    """
    found = find_registered(reference, uri)
    if isinstance(found, FoundSelector):
        raise UsageError(
            f"{found.title} is a selector, which chooses another setting for each instance; "
            f"{instead(found)}"
        )
    return found


def find_registered(reference: str, uri: str | None) -> FoundSetting | FoundSelector:
    """Return the setting or selector that a reference means now; errors as for `find_setting`."""
    from bench.tracking import model_registry  # noqa: PLC0415  imports mlflow

    version = model_registry.find(uri, reference)
    if SELECTOR in version.tags:
        from bench.selection.selector import from_files  # noqa: PLC0415 - loads pandas

        selector = from_files(model_registry.read_artifacts(uri, version), version.title)
        selector.check_versions(
            solver=registry.load(selector.solver).version(),
            bench=bench.__version__,
            name=version.title,
        )
        return FoundSelector(selector=selector, model=version.name, version=version.version)
    registered = from_json(model_registry.read_setting(uri, version), version.title)
    registered.check_versions(
        solver=registry.load(registered.setting.solver).version(),
        bench=bench.__version__,
        name=version.title,
    )
    return FoundSetting(
        registered=registered,
        model=version.name,
        version=version.version,
        aliases=version.aliases,
    )


def with_registered(declaration: Declaration, uri: str | None) -> Declaration:
    """Return the declaration with its references to the registry replaced by settings."""
    if not any(each.setting_from for each in declaration.settings):
        return declaration
    return replace(
        declaration, settings=tuple(_resolved(each, uri) for each in declaration.settings)
    )


def _resolved(named: NamedSetting, uri: str | None) -> NamedSetting:
    if named.setting_from is None:
        return named
    try:
        found = find_setting(named.setting_from, uri, _instead_of_a_sweep)
    except UsageError as error:
        raise UsageError(f"{named.origin}: {error}") from error
    base = found.registered.setting
    if named.solver not in {None, base.solver}:
        raise UsageError(
            f"{named.origin}: solver {named.solver}, but {found.title} is a setting of "
            f"{base.solver}"
        )
    return replace(named, name=named.name or found.title, solver=base.solver, base=base)


def _instead_of_a_sweep(found: FoundSelector) -> str:
    names = ", ".join(each.name for each in found.selector.settings)
    return (
        f"give the sweep the settings themselves ({names}), and bench select evaluate shows what "
        f"choosing gains; bench run --setting-from {found.uri} executes the choices"
    )
