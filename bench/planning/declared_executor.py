"""The executor that a sweep file declares, by the names of the command's options."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredExecutor:
    """The executor of a sweep's tasks, and its options; None if the file does not set them."""

    executor: str | None = None
    workers: int | None = None
    scheduler: str | None = None
    queue: str | None = None
    queue_options: Path | Mapping[str, Any] | None = None
    on_interrupt: str | None = None
    files: str | None = None

    def known(self) -> dict[str, Any]:
        """Return the declared values by the names of the options."""
        values = {each.name: getattr(self, each.name) for each in fields(self)}
        return {name: value for name, value in values.items() if value is not None}


NAMES = tuple(each.name for each in fields(DeclaredExecutor))


def typed(value: Any) -> Any:
    """Return a value in which texts that YAML reads as numbers or truth values are converted.

    A time such as 02:00:00 stays a text: YAML would take it for a number of seconds.
    """
    if isinstance(value, Mapping):
        return {str(name): typed(each) for name, each in value.items()}
    if isinstance(value, list):
        return [typed(each) for each in value]
    if not isinstance(value, str) or ":" in value:
        return value
    import yaml  # noqa: PLC0415 - it takes 0.02 s, and bench run reads no sweep file

    try:
        found = yaml.safe_load(value)
    except yaml.YAMLError:
        return value
    return found if isinstance(found, bool | int | float) else value
