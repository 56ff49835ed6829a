"""An instance with what the lint found in its file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bench.model.finding import Finding, Severity
from bench.model.instance import Instance


def with_findings(instance: Instance, findings: Sequence[Finding]) -> Instance:
    """Return the instance, its warnings told and, where there are errors, not to be solved."""
    errors = [one for one in findings if one.severity is Severity.ERROR]
    warnings = tuple(_text(one) for one in findings if one.severity is Severity.WARNING)
    return replace(instance, lint=warnings, defect=_defect(instance, errors) or instance.defect)


def _defect(instance: Instance, errors: Sequence[Finding]) -> str | None:
    if not errors:
        return None
    more = f" (and {len(errors) - 1} more: bench instances lint)" if len(errors) > 1 else ""
    return f"{errors[0].text(str(instance.path))}{more}"


def _text(finding: Finding) -> str:
    return finding.message if finding.line is None else f"line {finding.line}: {finding.message}"
