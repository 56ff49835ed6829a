"""A registered setting: what a version in a model registry says of the setting that it is."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from bench.errors import UsageError
from bench.model.setting import Setting


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisteredSetting:
    """A setting with the versions of its solver and of bench that it was registered with."""

    setting: Setting
    solver_version: str
    bench_version: str

    def to_json(self) -> str:
        """Return it as text, which `from_json` reads back."""
        return json.dumps(asdict(self), indent=2) + "\n"

    def check_versions(self, *, solver: str, bench: str, name: str) -> None:
        """Raise UsageError unless these are the versions it was registered with.

        ``name`` is what the message calls the model.
        """
        pairs = (
            (self.setting.solver, self.solver_version, solver),
            ("bench", self.bench_version, bench),
        )
        for program, registered, here in pairs:
            if registered != here:
                raise UsageError(
                    f"{name} was registered with {program} {registered}, but {program} {here} is "
                    f"installed here; install {program} {registered}, or register the setting "
                    "again"
                )


def from_json(text: str | bytes, source: str) -> RegisteredSetting:
    """Return the setting that a text holds; UsageError, which names the source, for another."""
    from pydantic import TypeAdapter, ValidationError  # noqa: PLC0415  never in a solver's process

    try:
        return TypeAdapter(RegisteredSetting).validate_json(text)
    except ValidationError as error:
        raise UsageError(
            f"{source} is not a setting of bench ({error.error_count()} errors); choose a model "
            "that bench register created"
        ) from error
