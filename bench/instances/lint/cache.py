"""Findings kept by content and format, so that an unchanged file is linted once."""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from bench.model.finding import Finding, Severity

LINT_VERSION = 2
"""Raised with every change of the rules; findings of other versions are not used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What findings are about.

    The same bytes read as another format are another problem, and so they may be with other
    versions of the readers.
    """

    digest: str
    file_format: str | None
    readers: str = ""

    @property
    def file_name(self) -> str:
        """The name under which findings are kept, without any character that needs quoting."""
        readers = "".join(c if c.isalnum() or c in "._" else "-" for c in self.readers)
        parts = (self.digest, self.file_format or "unknown", readers, f"lint{LINT_VERSION}", "json")
        return ".".join(filter(None, parts))


def cached(subject: Subject, folder: Path, make: Callable[[], list[Finding]]) -> list[Finding]:
    """Return the findings kept for this subject, or make and keep them.

    The folder may be shared by processes and may be missing; one that cannot be written, or a
    damaged entry, costs time only.
    """
    path = folder / subject.file_name
    kept = _read(path)
    if kept is not None:
        return kept
    findings = make()
    with contextlib.suppress(OSError):
        _write(path, json.dumps([asdict(finding) for finding in findings]))
    return findings


def _read(path: Path) -> list[Finding] | None:
    """Return what is kept, or None where that is nothing that could be used."""
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))
        if isinstance(rows, list):
            return [Finding(**(one | {"severity": Severity(one["severity"])})) for one in rows]
    except (OSError, ValueError, TypeError, KeyError):
        pass
    return None


def _write(path: Path, text: str) -> None:
    """Write a file so that others see all of it or nothing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".lint-")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        Path(name).replace(path)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise
