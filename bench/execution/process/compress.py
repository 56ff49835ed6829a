"""Compress a solver's statistics: most of SCIP's 82 KB are zeros and descriptions."""

from __future__ import annotations

import gzip
import json
from contextlib import suppress
from typing import Any

from bench.model.workspace import Workspace

_DESCRIPTION = "description"


def compress_statistics(workspace: Workspace) -> None:
    """Replace the statistics of a task, if there are any, by a compressed file.

    Zeros, empty values and the descriptions of SCIP's plug-ins are removed from JSON.
    """
    path = workspace.statistics
    if path.is_symlink() or not path.is_file():
        return
    content = path.read_bytes()
    with suppress(ValueError, RecursionError):
        content = json.dumps(_telling(json.loads(content))).encode()
    workspace.compressed_statistics.write_bytes(gzip.compress(content, mtime=0))
    path.unlink()


def _telling(value: Any) -> Any:
    """Return a value without entries that carry no information."""
    if not isinstance(value, dict):
        return value
    kept = {name: _telling(each) for name, each in value.items() if name != _DESCRIPTION}
    return {name: each for name, each in kept.items() if each not in (0, None, "", [], {})}
