"""Findings of one file: collected, cached by content, added to the instance."""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from bench.model.instances.finding import LintFinding, Severity
from bench.model.instances.instance import Instance

SHOWN = 5
"""The number of findings of one kind that are listed one by one."""


@dataclass(slots=True)
class _Kind:
    shown: list[LintFinding] = field(default_factory=list)
    n_more: int = 0
    first_more: int | None = None


class Notes:
    """Findings of one file, by kind; a kind is a short noun phrase such as ``undefined row``."""

    def __init__(self) -> None:
        """Start without a finding."""
        self._kinds: dict[tuple[Severity, str, str], _Kind] = {}

    def error(self, kind: str, line: int | None, message: str, misread_by: str = "") -> None:
        """Report an error; if only one code base misreads the file, an error for that."""
        self._note(Severity.ERROR, kind, line, message, misread_by)

    def warning(self, kind: str, line: int | None, message: str) -> None:
        """Report a warning."""
        self._note(Severity.WARNING, kind, line, message)

    def findings(self) -> list[LintFinding]:
        """Return all findings by line, those about the whole file last."""
        found: list[LintFinding] = []
        for (severity, name, misread_by), kind in self._kinds.items():
            found += kind.shown
            if kind.n_more:
                message = f"{kind.n_more} more: {name}"
                found.append(LintFinding(severity, kind.first_more, message, name, misread_by))
        return sorted(found, key=lambda one: (one.line is None, one.line or 0))

    def _note(
        self, severity: Severity, name: str, line: int | None, message: str, misread_by: str = ""
    ) -> None:
        kind = self._kinds.setdefault((severity, name, misread_by), _Kind())
        if len(kind.shown) < SHOWN:
            kind.shown.append(LintFinding(severity, line, message, name, misread_by))
            return
        if kind.n_more == 0:
            kind.first_more = line
        kind.n_more += 1


def shown(text: bytes) -> str:
    """Return a name or token of a file for a message, shortened and in one line."""
    clean = "".join(c if c.isprintable() else "?" for c in text.decode("utf-8", "replace"))
    return f"'{clean}'" if len(clean) <= 40 else f"'{clean[:37]}...'"


LINT_VERSION = 4
"""Raised with every change of the rules; findings of other versions are not used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """The subject of findings.

    The same bytes in another format are another problem, and so they may be with other versions of
    the readers.
    """

    digest: str
    file_format: str | None
    readers: str = ""

    @property
    def file_name(self) -> str:
        """The file name of cached findings, without any character that needs quoting."""
        readers = "".join(c if c.isalnum() or c in "._" else "-" for c in self.readers)
        parts = (self.digest, self.file_format or "unknown", readers, f"lint{LINT_VERSION}", "json")
        return ".".join(filter(None, parts))


def cached(
    subject: Subject, folder: Path, make: Callable[[], list[LintFinding]]
) -> list[LintFinding]:
    """Return the cached findings for this subject, or compute and cache them.

    The folder may be shared by processes and may be missing; if it cannot be written, or an entry
    is damaged, only time is lost.
    """
    path = folder / subject.file_name
    kept = _read(path)
    if kept is not None:
        return kept
    findings = make()
    with contextlib.suppress(OSError):
        _write(path, json.dumps([asdict(finding) for finding in findings]))
    return findings


def _read(path: Path) -> list[LintFinding] | None:
    """Return the cached findings, or None if they are unusable."""
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))
        if isinstance(rows, list):
            return [LintFinding(**(one | {"severity": Severity(one["severity"])})) for one in rows]
    except (OSError, ValueError, TypeError, KeyError):
        pass
    return None


def _write(path: Path, text: str) -> None:
    """Write a file atomically."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".lint-")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        Path(name).replace(path)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise


def with_findings(instance: Instance, findings: Sequence[LintFinding]) -> Instance:
    """Return the instance with its warnings and, if there are errors, marked as not to be solved.

    An error for one code base excludes only solvers of that code base.
    """
    errors = [one for one in findings if one.severity is Severity.ERROR]
    warnings = tuple(_text(one) for one in findings if one.severity is Severity.WARNING)
    of_all = [one for one in errors if not one.misread_by]
    misreaders = dict.fromkeys(one.misread_by for one in errors if one.misread_by)
    misread_by = tuple(
        (code_base, why)
        for code_base in misreaders
        if (why := _defect(instance, [one for one in errors if one.misread_by == code_base]))
    )
    defect = _defect(instance, of_all) or instance.defect
    return replace(instance, lint=warnings, defect=defect, misread_by=misread_by)


def _defect(instance: Instance, errors: Sequence[LintFinding]) -> str | None:
    if not errors:
        return None
    more = f" (and {len(errors) - 1} more: bench instances lint)" if len(errors) > 1 else ""
    return f"{errors[0].text(str(instance.path))}{more}"


def _text(finding: LintFinding) -> str:
    return finding.message if finding.line is None else f"line {finding.line}: {finding.message}"
