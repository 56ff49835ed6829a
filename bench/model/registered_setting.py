"""A registered setting: the setting stored in a version of a registered model."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass

from bench.errors import UsageError
from bench.model.setting import Setting

SELECTOR = "bench.selector"
"""The tag of a version that is no setting but a selector, with its name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisteredSetting:
    """A setting with the versions of its solver and of bench that it was registered with."""

    setting: Setting
    solver_version: str
    bench_version: str

    def to_json(self) -> str:
        """Return the setting as JSON, which `from_json` reads."""
        return json.dumps(asdict(self), indent=2) + "\n"

    def check_versions(self, *, solver: str, bench: str, name: str) -> None:
        """Raise UsageError unless these are the versions it was registered with.

        ``name`` is the name of the model in the message.
        """
        check_versions(
            (
                (self.setting.solver, self.solver_version, solver),
                ("bench", self.bench_version, bench),
            ),
            name,
            "registered",
            "register the setting again",
        )


def check_versions(
    programs: Iterable[tuple[str, str, str]], name: str, made: str, again: str
) -> None:
    """Raise UsageError unless each program has the version that a model was ``made`` with.

    ``programs`` are names with the version of the model and the one here; ``name`` is what the
    message calls the model, ``again`` what else to do.
    """
    for program, then, here in programs:
        if then != here:
            raise UsageError(
                f"{name} was {made} with {program} {then}, but {program} {here} is installed "
                f"here; install {program} {then}, or {again}"
            )


def from_json(text: str | bytes, source: str) -> RegisteredSetting:
    """Return the setting from JSON; UsageError, which names the source, for other texts."""
    from pydantic import TypeAdapter, ValidationError  # noqa: PLC0415  never in a solver's process

    try:
        return TypeAdapter(RegisteredSetting).validate_json(text)
    except ValidationError as error:
        raise UsageError(
            f"{source} is not a setting of bench ({error.error_count()} errors); choose a model "
            "that bench register created"
        ) from error
