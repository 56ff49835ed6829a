"""Linting the instances of a plan, before any solver touches them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path

from bench.app.progress import tell
from bench.execution import compare_readers
from bench.execution.linter import Linter
from bench.instances.files import file_format
from bench.instances.lint.findings import Subject, cached, with_findings
from bench.model.finding import LintFinding
from bench.model.instance import Instance
from bench.report.listener import Listener

CACHE = ".lint"
"""The folder within the working folder where findings are kept."""
SHOWN = 10


def lint_instances(
    instances: Iterable[Instance], work_dir: Path | None, listener: Listener
) -> list[Instance]:
    """Return the instances with what the lint found, kept in the working folder by content.

    An error becomes the instance's defect, warnings its ``lint``; those are told to the listener
    in one line an instance. Without a working folder nothing is kept.
    """
    folder = work_dir and work_dir / CACHE
    found = list(instances)
    listener.step_started("lint", len(found), "file")
    try:
        with Linter() as linter:
            for at, one in enumerate(found):
                listener.step_advanced(0, one.name)
                if one.defect is None:
                    found[at] = with_findings(one, _findings(one, linter, folder))
                listener.step_advanced(1)
    finally:
        listener.step_ended()
    tell(listener, warnings(found))
    return found


def warnings(instances: Iterable[Instance]) -> list[str]:
    """Return a line for each instance with warnings, the first few in full."""
    odd = [(one.path, one.lint) for one in instances if one.defect is None and one.lint]
    lines = [f"Warning: {path}: {_first_of(texts)}" for path, texts in odd[:SHOWN]]
    if len(odd) > SHOWN:
        lines.append(f"Warning: {len(odd) - SHOWN} more with warnings; see bench instances lint")
    return lines


def _first_of(texts: Sequence[str]) -> str:
    more = f" (and {len(texts) - 1} more: bench instances lint)" if len(texts) > 1 else ""
    return f"{texts[0]}{more}"


def _findings(instance: Instance, linter: Linter, folder: Path | None) -> list[LintFinding]:
    make = partial(linter.lint, instance.path)
    if folder is None:
        return make()
    subject = Subject(
        digest=instance.digest,
        file_format=file_format(instance.path),
        readers=compare_readers.versions(),
    )
    return cached(subject, folder, make)
