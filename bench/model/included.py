"""A Python function that adds plug-ins to a solver, and the texts that name such functions."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

NONE = "none"
"""The word for "no plug-in" in a list of values."""
_PARTS = re.compile(r"(.+?:[^\W\d]\w*)(?:\+|$)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Included:
    """A Python function that adds plug-ins to a solver's model before it is solved.

    ``name`` is its name for users, ``branching.py:most_fractional``. ``path`` is the file that
    defines ``function``. ``module`` is the name by which the file is imported, empty for a file by
    itself. ``digest`` covers its source and the modules next to it that it imports.
    """

    name: str
    path: str
    module: str
    function: str
    digest: str


def parts(text: str) -> list[str]:
    """Return the names in a text such as ``a.py:f+package.module:g``; none for other texts."""
    found = _PARTS.findall(text)
    return found if "+".join(found) == text else []


def is_file(place: str) -> bool:
    """Return whether the part before the function is a file, not a module."""
    return place.endswith(".py") or os.sep in place


def below(folder: Path, text: str) -> str:
    """Return a text whose files are relative to a folder."""
    return "+".join(
        str(folder / Path(part).expanduser()) if is_file(part.rpartition(":")[0]) else part
        for part in parts(text) or [text]
    )
