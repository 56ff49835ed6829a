"""Names of settings' runs, each unique in an experiment."""

from __future__ import annotations

import itertools
from collections.abc import Callable


def unique_name(name: str, context: str, is_taken: Callable[[str], bool]) -> str:
    """Return a name; if it is taken, followed by its context, and then by a number."""
    numbered = (f"{name} ({context} {number})".replace("( ", "(") for number in itertools.count(2))
    candidates = itertools.chain([name], [f"{name} ({context})"] if context else [], numbered)
    return next(each for each in candidates if not is_taken(each))
