"""Findings of the lint for the terminal and as JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bench.model.finding import Finding, Severity

Linted = tuple[Path, Sequence[Finding]]
"""A file and what was found in it."""


def lint_text(linted: Sequence[Linted]) -> str:
    """Return one line a finding, file after file, and last how many files, errors and warnings."""
    lines = [_line(path, finding) for path, findings in linted for finding in findings]
    counts = Counter(finding.severity for _, findings in linted for finding in findings)
    numbers = (
        _number(len(linted), "file"),
        _number(counts[Severity.ERROR], "error"),
        _number(counts[Severity.WARNING], "warning"),
    )
    return "\n".join([*lines, ", ".join(numbers)])


def lint_rows(linted: Sequence[Linted]) -> list[dict[str, Any]]:
    """Return one object a file, ready for JSON."""
    return [
        {
            "path": str(path),
            "errors": sum(one.severity is Severity.ERROR for one in findings),
            "warnings": sum(one.severity is Severity.WARNING for one in findings),
            "findings": [asdict(one) for one in findings],
        }
        for path, findings in linted
    ]


def _line(path: Path, finding: Finding) -> str:
    place = path if finding.line is None else f"{path}:{finding.line}"
    rule = f" [{finding.rule}]" if finding.rule else ""
    return f"{place}: {finding.severity.value}: {finding.message}{rule}"


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
