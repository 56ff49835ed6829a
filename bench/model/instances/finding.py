"""A finding of the lint: something wrong or unusual in an instance, found before it is solved."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How serious a finding is.

    An error: the text is not a valid problem, or readers silently read different problems from it.
    A warning: a reader rejects the file, ignores a part of it, or reads something in a way that may
    be unintended.
    """

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class LintFinding:
    """A finding and its line (from 1; None for the whole file).

    ``message`` reads ``what; why it matters or the fix``, in one line. ``rule`` is the name of the
    rule in docs/lint.md. ``misread_by`` is the code base of the only solvers for which it is an
    error; empty if it is an error for all.
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
    """Return whether the instance must not be given to a solver (to any, or to some)."""
    return any(finding.severity is Severity.ERROR for finding in findings)
