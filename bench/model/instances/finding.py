"""A finding: one thing that is wrong or odd about an instance, before any solver touches it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """What a finding means for the instance.

    An error: the text is no valid problem, or readers silently make different problems of it. A
    warning: a reader refuses it, ignores a part, or takes something that may not be meant.
    """

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class LintFinding:
    """What was found, in which line (from 1; None for the whole file).

    ``message`` reads ``what; why it matters or the fix``, in one line. ``rule`` is what
    docs/lint.md has it under. ``misread_by`` is the code base of the solvers for which alone it is
    an error, or empty where it is one for all.
    """

    severity: Severity
    line: int | None
    message: str
    rule: str = ""
    misread_by: str = ""

    def text(self, file: str) -> str:
        """Return ``file:line: what; why it matters or the fix``."""
        place = file if self.line is None else f"{file}:{self.line}"
        return f"{place}: {self.message}"


def has_errors(findings: Iterable[LintFinding]) -> bool:
    """Return whether the instance must not be given to a solver, or not to every solver."""
    return any(finding.severity is Severity.ERROR for finding in findings)
