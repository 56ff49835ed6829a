"""Settings by reference to MLflow's model registry: ``models:/NAME@ALIAS``."""

from __future__ import annotations

from dataclasses import dataclass, replace

import bench
from bench.errors import UsageError
from bench.model.registered_setting import RegisteredSetting, from_json
from bench.planning.declaration import Declaration, NamedSetting
from bench.solvers import registry


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundSetting:
    """A registered setting, with name and version of its model and the aliases it has now."""

    registered: RegisteredSetting
    model: str
    version: int
    aliases: tuple[str, ...]

    @property
    def title(self) -> str:
        """What a setting made of it is called: one that says which version it was."""
        return f"{self.model} v{self.version}"


def find_setting(reference: str, uri: str | None) -> FoundSetting:
    """Return the setting that a reference means now.

    UsageError where there is no such model, alias or version, and for a setting that was
    registered with another version of its solver or of bench; TrackingError where the store
    cannot be reached.
    """
    from bench.tracking import model_registry  # noqa: PLC0415  imports mlflow

    version = model_registry.find(uri, reference)
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
    """Return the declaration with what its references to the registry mean now."""
    if not any(each.setting_from for each in declaration.settings):
        return declaration
    return replace(
        declaration, settings=tuple(_resolved(each, uri) for each in declaration.settings)
    )


def _resolved(named: NamedSetting, uri: str | None) -> NamedSetting:
    if named.setting_from is None:
        return named
    try:
        found = find_setting(named.setting_from, uri)
    except UsageError as error:
        raise UsageError(f"{named.origin}: {error}") from error
    base = found.registered.setting
    if named.solver not in {None, base.solver}:
        raise UsageError(
            f"{named.origin}: solver {named.solver}, but {found.title} is a setting of "
            f"{base.solver}"
        )
    return replace(named, name=named.name or found.title, solver=base.solver, base=base)
