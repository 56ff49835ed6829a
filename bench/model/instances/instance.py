"""An instance: one problem file, identified by its content."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

NOT_LINTED = "not linted"
"""The text in results whose instance was not linted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Instance:
    """A problem file on disk.

    ``digest`` is the SHA-256 (hex) of the uncompressed bytes, empty if they cannot be read.
    ``defect`` is the reason why no solver should be started on the file, None for a usable one.
    ``misread_by`` maps the code bases of solvers that read a different problem from the file to the
    reason. ``lint`` has the warnings of the lint, None if the file was not linted. ``label`` is the
    name in tables and in MLflow; it includes the folder if other instances have the same name.
    """

    name: str
    path: Path
    digest: str = ""
    defect: str | None = None
    misread_by: tuple[tuple[str, str], ...] = ()
    lint: tuple[str, ...] | None = None
    label: str = ""

    def __post_init__(self) -> None:
        """Use the name as the label if none is given."""
        if not self.label:
            object.__setattr__(self, "label", self.name)

    def defect_for(self, code_base: str) -> str | None:
        """Return why no solver of this code base should be started on the file, or None."""
        return self.defect or dict(self.misread_by).get(code_base)

    @property
    def lint_text(self) -> str:
        """The lint's warnings in one line; empty if there are none."""
        return NOT_LINTED if self.lint is None else "; ".join(self.lint)
