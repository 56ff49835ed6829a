"""MLflow's model registry: settings and selectors as models, their versions, tags and aliases.

It imports mlflow: import it where it is used. It uses only `MlflowClient`, so that the tracking URI
of the process is not changed.
"""

from __future__ import annotations

import json
import re
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path, PurePosixPath

import mlflow
from mlflow import MlflowClient
from mlflow.entities.model_registry import ModelVersion
from mlflow.exceptions import MlflowException
from mlflow.models import Model, ModelSignature
from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository
from mlflow.types import ColSpec, DataType, ParamSchema, ParamSpec, Schema
from mlflow.types.schema import AnyType, Array, Map

from bench.errors import UsageError
from bench.store.experiment import ExperimentRequest
from bench.store.run_keys import CAMPAIGN, KIND, SWEEP, having
from bench.store.truncation import truncate_tags
from bench.store.uri import is_server
from bench.tracking.mlflow_reading import reading
from bench.tracking.mlflow_store import MlflowStore
from bench.tracking.stored_campaigns import SETTING

ARTIFACT = "setting.json"
"""The artifact that contains a setting."""
ARTIFACTS = "artifacts"
"""The folder of a model's artifacts."""
INPUT_EXAMPLE = {
    "model": "NAME example\nROWS\n N cost\n L room\nCOLUMNS\n M1 'MARKER' 'INTORG'\n"
    " x cost -2 room 3\n y cost -1 room 2\n M2 'MARKER' 'INTEND'\n"
    "RHS\n RHS room 4\nBOUNDS\n UP BND x 1\n UP BND y 1\nENDATA\n"
}
"""Maximise 2x + y where 3x + 2y <= 4 and both are 0 or 1: the optimum is x = 1, y = 0."""
_REFERENCE = re.compile(r"(?:models:/)?(?P<name>[^/@]+)(?:@(?P<alias>[^/@]+)|/(?P<version>\d+))")
_VERSIONS = "mlflow.modelVersions"


class ModelKind(StrEnum):
    """What a model is, as MLflow shows it: requests, answers and params depend on it."""

    SETTING = "solver setting"
    SELECTOR = "setting selector"


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelDraft:
    """The content of a version of a model.

    ``artifacts`` are its files by name, ``code`` is the file that MLflow executes to load it,
    ``package`` the folder of the package that it needs, ``requirements`` what pip has to install;
    ``run_id`` is the run of the setting or of the training, whose experiment it belongs to.
    """

    name: str
    kind: ModelKind
    artifacts: Mapping[str, bytes]
    code: Path
    package: Path
    requirements: Sequence[str]
    params: Mapping[str, str]
    tags: Mapping[str, str]
    description: str
    run_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisteredVersion:
    """A version of a model in the registry."""

    name: str
    version: int
    tags: Mapping[str, str] = field(default_factory=dict)
    aliases: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """The name in messages, e.g. ``cuts version 3``."""
        return f"{self.name} version {self.version}"


def register(
    uri: str | None, experiment: ExperimentRequest, draft: ModelDraft
) -> RegisteredVersion:
    """Write a model and make it the next version of its name; no alias moves.

    It belongs to the experiment of its run, or without a run to ``experiment``. A store that does
    not exist yet is created. Raise TrackingError if that is not possible.
    """
    chosen = MlflowStore(uri, experiment).experiment_id if draft.run_id is None else ""
    with reading(uri) as (client, where):
        run = client.get_run(draft.run_id) if draft.run_id is not None else None
        experiment_id = run.info.experiment_id if run else chosen
        logged = client.create_logged_model(
            experiment_id,
            name=draft.name,
            source_run_id=draft.run_id,
            params=dict(draft.params),
            model_type=draft.kind.value,
        )
        try:
            with tempfile.TemporaryDirectory(prefix="bench-") as folder:
                path = Path(folder) / "model"
                _save(path, draft, logged.model_id)
                client.log_model_artifacts(logged.model_id, str(path))
            client.finalize_logged_model(logged.model_id, "READY")
        except BaseException:
            with suppress(Exception):
                client.delete_logged_model(logged.model_id)
            raise
        with suppress(MlflowException):
            client.create_registered_model(draft.name)
        # by its id, a database that is used directly would search the store of the process
        source, model_id = logged.artifact_location, None
        if is_server(where):
            source, model_id = f"models:/{logged.model_id}", logged.model_id
        made = client.create_model_version(
            draft.name,
            source,
            model_id=model_id,
            run_id=draft.run_id,
            tags=truncate_tags(draft.tags),
            description=draft.description,
        )
        client.set_logged_model_tags(
            logged.model_id,
            {_VERSIONS: json.dumps([{"name": draft.name, "version": int(made.version)}])},
        )
        return _version(made)


def find(uri: str | None, reference: str) -> RegisteredVersion:
    """Return the version of ``models:/NAME@ALIAS`` or ``models:/NAME/VERSION``.

    ``models:/`` may be left out. Raise UsageError for another form, and for an unknown model, alias
    or version.
    """
    match = _REFERENCE.fullmatch(reference)
    if match is None:
        raise UsageError(
            f"{reference!r}: expected models:/NAME@ALIAS or models:/NAME/VERSION, "
            "e.g. models:/cuts@champion"
        )
    name, alias, version = match["name"], match["alias"], match["version"]
    with reading(uri) as (client, _):
        try:
            found = (
                client.get_model_version_by_alias(name, alias)
                if alias
                else client.get_model_version(name, version)
            )
        except MlflowException as error:
            if error.error_code in {"RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"}:
                raise UsageError(_missing(client, name, alias)) from error
            raise
        return _version(found)


def read_setting(uri: str | None, version: RegisteredVersion) -> bytes:
    """Return the setting of a version as JSON; UsageError for a model that has none."""
    files = read_artifacts(uri, version)
    if ARTIFACT not in files:
        raise UsageError(
            f"{version.title} is not a setting (it has no {ARTIFACTS}/{ARTIFACT}); choose a model "
            "made by bench register"
        )
    return files[ARTIFACT]


def read_artifacts(uri: str | None, version: RegisteredVersion) -> dict[str, bytes]:
    """Return the artifacts of a version by their names."""
    with reading(uri) as (client, where), tempfile.TemporaryDirectory(prefix="bench-") as folder:
        place = client.get_model_version_download_uri(version.name, str(version.version))
        repository = get_artifact_repository(place, tracking_uri=where, registry_uri=where)
        paths = [file.path for file in repository.list_artifacts(ARTIFACTS) if not file.is_dir]
        for path in paths:
            repository.download_artifacts(path, folder)  # type: ignore[no-untyped-call]
        return {PurePosixPath(path).name: (Path(folder) / path).read_bytes() for path in paths}


def runs_of_campaign(uri: str | None, campaign_id: str) -> tuple[dict[str, str], str | None]:
    """Return the ids of a campaign's runs of settings by their names, and that of its sweep.

    If a setting has several runs, it is the newest finished one.
    """
    with reading(uri) as (client, _):
        experiments = [each.experiment_id for each in client.search_experiments()]
        runs = [
            run
            for wanted in reversed(having(CAMPAIGN, campaign_id))
            for kind in (SETTING, SWEEP.kind)
            for run in client.search_runs(
                experiments,
                f"{wanted} and tags.`{KIND}` = '{kind}'",
                order_by=["attributes.start_time ASC"],
            )
            if run.info.status != "RUNNING"
        ]
    settings = {
        str(run.data.params.get("setting", run.info.run_name)): str(run.info.run_id)
        for run in runs
        if run.data.tags[KIND] == SETTING
    }
    sweeps = [str(run.info.run_id) for run in runs if run.data.tags[KIND] == SWEEP.kind]
    return settings, sweeps[-1] if sweeps else None


def set_tags(uri: str | None, version: RegisteredVersion, tags: Mapping[str, str]) -> None:
    """Set tags of a version; one without a value is removed."""
    with reading(uri) as (client, _):
        for name in tags.keys() & version.tags.keys():
            if not tags[name]:
                client.delete_model_version_tag(version.name, str(version.version), name)
        for name, value in truncate_tags(tags).items():
            client.set_model_version_tag(version.name, str(version.version), name, value)


def set_alias(uri: str | None, version: RegisteredVersion, alias: str) -> None:
    """Move an alias to a version."""
    with reading(uri) as (client, _):
        client.set_registered_model_alias(version.name, alias, str(version.version))


def _save(path: Path, draft: ModelDraft, model_id: str) -> None:
    """Write the model into a new folder."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        files = {}
        for name, content in draft.artifacts.items():
            path_of_file = Path(folder) / name
            path_of_file.write_bytes(content)
            files[path_of_file.stem] = str(path_of_file)
        package = Path(folder) / f"{draft.package.name}.zip"
        _pack(draft.package, package)
        is_setting = draft.kind is ModelKind.SETTING
        mlflow.pyfunc.save_model(
            path,
            python_model=str(draft.code),
            code_paths=[str(package)],
            artifacts=files,
            signature=_signature() if is_setting else _signature_of_selector(),
            input_example=(INPUT_EXAMPLE, {"time_limit": 5.0}) if is_setting else INPUT_EXAMPLE,
            pip_requirements=list(draft.requirements),
            mlflow_model=Model(model_id=model_id, run_id=draft.run_id),
        )


def _pack(package: Path, path: Path) -> None:
    """Write the modules of a package into a zip archive, from which Python imports them.

    Separate files would need hundreds of requests to a server.
    """
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for module in sorted(package.rglob("*.py")):
            archive.write(module, module.relative_to(package.parent))


def _signature() -> ModelSignature:
    number = DataType.double
    any_type = AnyType()  # type: ignore[no-untyped-call]
    return ModelSignature(
        inputs=Schema(
            [ColSpec(DataType.string, "model"), ColSpec(any_type, "start", required=False)]
        ),
        outputs=Schema(
            [
                ColSpec(DataType.string, "status", required=False),
                ColSpec(number, "objective", required=False),
                ColSpec(number, "bound", required=False),
                ColSpec(number, "gap", required=False),
                ColSpec(Map(number), "solution", required=False),
                ColSpec(number, "seconds"),
                ColSpec(DataType.string, "verification"),
                ColSpec(DataType.string, "verdict"),
                ColSpec(DataType.string, "reason"),
                ColSpec(Array(DataType.string), "warnings"),
            ]
        ),
        params=ParamSchema([ParamSpec("time_limit", number, None), ParamSpec("gap", number, None)]),
    )


def _signature_of_selector() -> ModelSignature:
    any_type = AnyType()  # type: ignore[no-untyped-call]
    return ModelSignature(
        inputs=Schema([ColSpec(DataType.string, "model")]),
        outputs=Schema(
            [
                ColSpec(DataType.string, "setting"),
                ColSpec(DataType.string, "solver"),
                ColSpec(DataType.string, "solver_version"),
                ColSpec(any_type, "params"),
                ColSpec(DataType.string, "reason"),
                ColSpec(Array(DataType.string), "notes"),
            ]
        ),
    )


def _version(found: ModelVersion) -> RegisteredVersion:
    return RegisteredVersion(
        name=str(found.name),
        version=int(found.version),
        tags=dict(found.tags),
        aliases=tuple(found.aliases),
    )


def _missing(client: MlflowClient, name: str, alias: str | None) -> str:
    try:
        model = client.get_registered_model(name)
    except MlflowException:
        names = ", ".join(each.name for each in client.search_registered_models()) or "none"
        return f"no model {name!r} in the registry; there are: {names}; see bench register"
    if alias:
        aliases = ", ".join(sorted(model.aliases)) or "none"
        return f"model {name!r} has no alias {alias!r}; there are: {aliases}; see bench promote"
    versions = sorted(int(one.version) for one in client.search_model_versions(f"name = '{name}'"))
    return (
        f"model {name!r} has no such version; there are: {', '.join(map(str, versions)) or 'none'}"
    )
