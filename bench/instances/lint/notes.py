"""Collecting findings: the first few of each kind are shown, the rest counted."""

from __future__ import annotations

from dataclasses import dataclass, field

from bench.model.finding import Finding, Severity

SHOWN = 5
"""How many findings of one kind are listed one by one."""


@dataclass(slots=True)
class _Kind:
    shown: list[Finding] = field(default_factory=list)
    n_more: int = 0
    first_more: int | None = None


class Notes:
    """Findings of one file, by kind; a kind is a short noun phrase such as ``undefined row``."""

    def __init__(self) -> None:
        """Start without a finding."""
        self._kinds: dict[tuple[Severity, str], _Kind] = {}

    def error(self, kind: str, line: int | None, message: str) -> None:
        """Note an error."""
        self._note(Severity.ERROR, kind, line, message)

    def warning(self, kind: str, line: int | None, message: str) -> None:
        """Note a warning."""
        self._note(Severity.WARNING, kind, line, message)

    def findings(self) -> list[Finding]:
        """Return all findings by line, those about the whole file last."""
        found: list[Finding] = []
        for (severity, name), kind in self._kinds.items():
            found += kind.shown
            if kind.n_more:
                message = f"{kind.n_more} more: {name}"
                found.append(Finding(severity, kind.first_more, message, name))
        return sorted(found, key=lambda one: (one.line is None, one.line or 0))

    def _note(self, severity: Severity, name: str, line: int | None, message: str) -> None:
        kind = self._kinds.setdefault((severity, name), _Kind())
        if len(kind.shown) < SHOWN:
            kind.shown.append(Finding(severity, line, message, name))
            return
        if kind.n_more == 0:
            kind.first_more = line
        kind.n_more += 1


def shown(text: bytes) -> str:
    """Return a name or token of a file as it is quoted in a message, shortened and in one line."""
    clean = "".join(c if c.isprintable() else "?" for c in text.decode("utf-8", "replace"))
    return f"'{clean}'" if len(clean) <= 40 else f"'{clean[:37]}...'"
