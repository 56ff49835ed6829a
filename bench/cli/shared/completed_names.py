"""Shell completion of names: campaigns of the work folder, and files."""

from __future__ import annotations

from pathlib import Path

import click
from click.shell_completion import CompletionItem

from bench.journal.manifest import campaigns


def campaign_names(
    context: click.Context, _: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Return the runs and sweeps with this prefix, else files."""
    work_dir = Path(context.params.get("work_dir") or "bench-work")
    names = [folder.name for folder in campaigns(work_dir) if folder.name.startswith(incomplete)]
    return [CompletionItem(name) for name in names] or files(context, _, incomplete)


def files(_: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Make the shell complete a file name."""
    return [CompletionItem(incomplete, type="file")]
