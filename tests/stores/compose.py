"""``deploy/docker-compose.yaml``, read as Docker Compose reads it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

DEPLOY = Path(__file__).parent.parent.parent / "deploy"
_VARIABLE = re.compile(r"\$\$|\$\{(?P<name>\w+)(?:(?P<kind>:[-?])(?P<rest>[^}]*))?\}")


def compose(environment: Mapping[str, str]) -> dict[str, Any]:
    """Return the file with its variables replaced; KeyError where a required one is missing."""
    return dict(
        yaml.safe_load(_replaced((DEPLOY / "docker-compose.yaml").read_text(), environment))
    )


def variables() -> dict[str, str | None]:
    """Return the variables of the file with their defaults; None is what has to be given."""
    found: dict[str, str | None] = {}
    for match in _VARIABLE.finditer((DEPLOY / "docker-compose.yaml").read_text()):
        if match["name"]:
            found[match["name"]] = match["rest"] if match["kind"] == ":-" else None
    return found


def _replaced(text: str, environment: Mapping[str, str]) -> str:
    def value(match: re.Match[str]) -> str:
        if match["name"] is None:
            return "$"
        if given := environment.get(match["name"]):
            return given
        if match["kind"] == ":-":
            return str(match["rest"])
        raise KeyError(match["rest"] or match["name"])

    return _VARIABLE.sub(value, text)
