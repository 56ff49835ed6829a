"""``deploy/docker-compose.yaml``, as far as it can be checked without Docker."""

from __future__ import annotations

import configparser
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.stores.compose import DEPLOY, compose, variables

REQUIRED = {name: "given" for name, default in variables().items() if default is None}
SERVICE_KEYS = {
    *("image", "build", "restart", "environment", "volumes", "healthcheck", "command"),
    *("entrypoint", "depends_on", "ports"),
}
HEALTH_KEYS = {"test", "interval", "timeout", "retries", "start_period"}


@pytest.fixture(scope="module")
def file() -> dict[str, Any]:
    """Return the file with all that is required given."""
    return compose(REQUIRED)


def test_only_keys_of_the_compose_specification_stand_in_it(file: dict[str, Any]) -> None:
    """A typing error would be found by Docker alone, and that late."""
    assert set(file) == {"name", "services", "volumes"}
    for service in file["services"].values():
        assert set(service) <= SERVICE_KEYS
        assert ("image" in service) != ("build" in service)
        assert set(service.get("healthcheck", {})) <= HEALTH_KEYS
        assert all(isinstance(value, str) for value in service["environment"].values())


def test_services_and_volumes_that_are_named_exist(file: dict[str, Any]) -> None:
    """Who waits for another's health waits for one that has a health check."""
    conditions = {"service_healthy", "service_completed_successfully"}
    for service in file["services"].values():
        for name, how in service.get("depends_on", {}).items():
            assert how["condition"] in conditions
            healthy = how["condition"] == "service_healthy"
            assert not healthy or "healthcheck" in file["services"][name]
        for volume in service.get("volumes", ()):
            assert volume.partition(":")[0] in file["volumes"]


def test_versions_are_pinned(file: dict[str, Any]) -> None:
    """What starts tomorrow is what starts today."""
    for service in file["services"].values():
        assert "image" not in service or re.search(r":[\w.\-]*\d[\w.\-]*$", service["image"])
    docker = (DEPLOY / "Dockerfile").read_text()
    assert re.search(r"^FROM python:\d+\.\d+\.\d+-\S+ AS base$", docker, re.MULTILINE)
    for line in (DEPLOY / "requirements.txt").read_text().splitlines():
        assert re.fullmatch(r"[\w\[\].\-]+==[\d.]+", line)


def test_only_mlflow_can_be_reached_and_only_from_here(file: dict[str, Any]) -> None:
    """Whoever wants it otherwise has to say so."""
    ports = {name: service.get("ports", []) for name, service in file["services"].items()}
    assert ports.pop("mlflow") == ["127.0.0.1:5000:5000"]
    assert not any(ports.values())


@pytest.mark.parametrize("missing", sorted(REQUIRED))
def test_nothing_starts_without_its_passwords(missing: str) -> None:
    """A default password would be everybody's; the message says where to set it."""
    with pytest.raises(KeyError, match=rf"set {missing} in deploy/\.env"):
        compose({name: value for name, value in REQUIRED.items() if name != missing})


def test_all_passwords_are_required() -> None:
    """None has a default."""
    secret = {name for name in variables() if re.search("PASSWORD|SECRET|KEY", name)}
    assert secret == set(REQUIRED)


def test_every_variable_is_documented_with_its_default_and_nothing_else() -> None:
    """The example says what the file says."""
    documented = {}
    for line in (DEPLOY / ".env.example").read_text().splitlines():
        if match := re.fullmatch(r"(#?)([A-Z]\w+)=(.*)", line):
            assert bool(match[1]) == bool(match[3])
            documented[match[2]] = match[3] or None
    assert documented == variables()


def test_images_are_built_from_files_that_exist(file: dict[str, Any], root: Path) -> None:
    """The context is the repository; what is copied is let through by the ignore file."""
    build = file["services"]["mlflow"]["build"]
    docker = (root / build["dockerfile"]).read_text()
    assert (DEPLOY / build["context"]).resolve() == root
    assert re.search(rf"^FROM base AS {build['target']}$", docker, re.MULTILINE)
    let_through = {
        line[1:] for line in (DEPLOY / "Dockerfile.dockerignore").read_text().split() if "!" in line
    }
    copied = {
        word
        for line in re.findall(r"^COPY (.*) \S+$", docker, re.MULTILINE)
        for word in line.split()
    }
    assert copied == let_through
    assert all((root / name).exists() for name in copied)


def test_the_tested_mlflow_is_the_deployed_one() -> None:
    """At least its major version: the database's tables are of its making."""
    from importlib.metadata import version

    pinned = dict(
        line.split("==") for line in (DEPLOY / "requirements.txt").read_text().splitlines()
    )
    assert pinned["mlflow"].partition(".")[0] == version("mlflow").partition(".")[0]


def test_a_password_is_not_checked_again_with_each_request() -> None:
    """The check costs a sixth of a second, ten times the rest; one that was changed soon counts."""
    settings = configparser.ConfigParser()
    settings.read(DEPLOY / "basic_auth.ini")
    assert 0 < settings.getint("mlflow", "auth_cache_ttl_seconds") <= 60


def test_the_file_is_plain_yaml() -> None:
    """Also before its variables are replaced."""
    assert "services" in yaml.safe_load((DEPLOY / "docker-compose.yaml").read_text())
