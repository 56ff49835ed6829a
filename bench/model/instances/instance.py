"""An instance: one problem file, identified by its content."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

NOT_LINTED = "not linted"
"""Stands in the results where nobody looked for warnings."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Instance:
    """A problem file as found on disk.

    ``digest`` is the SHA-256 (hex) of the uncompressed bytes, or empty where they cannot be had.
    ``defect`` says why no solver should be started on the file, or is None for a usable one.
    ``misread_by`` has the code bases of solvers that make another problem of the file, and why.
    ``lint`` has the warnings of the lint, or is None where the file was not linted. ``label`` is
    the name in tables and in MLflow: with the folder where other instances have the same name.
    """

    name: str
    path: Path
    digest: str = ""
    defect: str | None = None
    misread_by: tuple[tuple[str, str], ...] = ()
    lint: tuple[str, ...] | None = None
    label: str = ""

    def __post_init__(self) -> None:
        """Let the label be the name where no other is given."""
        if not self.label:
            object.__setattr__(self, "label", self.name)

    def defect_for(self, code_base: str) -> str | None:
        """Return why no solver of this code base should be started on the file, or None."""
        return self.defect or dict(self.misread_by).get(code_base)

    @property
    def lint_text(self) -> str:
        """The lint's warnings in one line; empty where there are none."""
        return NOT_LINTED if self.lint is None else "; ".join(self.lint)
