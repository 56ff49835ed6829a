"""A function of Python that adds plug-ins to a solver, and the texts that name some."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

NONE = "none"
"""What stands for no plug-in in a list of values."""
_PARTS = re.compile(r"(.+?:[^\W\d]\w*)(?:\+|$)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Included:
    """A function of Python that adds plug-ins to a solver's model before it is solved.

    ``name`` is how people call it, ``branching.py:most_fractional``. ``path`` is the file that
    defines ``function``, and ``module`` the name by which it is imported, empty for a file by
    itself. ``digest`` is that of its source and of the modules beside it that it imports.
    """

    name: str
    path: str
    module: str
    function: str
    digest: str


def parts(text: str) -> list[str]:
    """Return the names in a text such as ``a.py:f+package.module:g``; none where it is no such."""
    found = _PARTS.findall(text)
    return found if "+".join(found) == text else []


def is_file(place: str) -> bool:
    """Return whether what stands before the function is a file, not a module."""
    return place.endswith(".py") or os.sep in place


def below(folder: Path, text: str) -> str:
    """Return a text with the files in it as seen from a folder."""
    return "+".join(
        str(folder / Path(part).expanduser()) if is_file(part.rpartition(":")[0]) else part
        for part in parts(text) or [text]
    )
