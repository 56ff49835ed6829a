"""Names of settings' runs: each once in an experiment, so that rows can be told apart."""

from __future__ import annotations

import itertools
from collections.abc import Callable


def unique_name(name: str, campaign: str, is_taken: Callable[[str], bool]) -> str:
    """Return a name, followed by that of its campaign, and then a number, where it is taken."""
    numbered = (f"{name} ({campaign} {number})".replace("( ", "(") for number in itertools.count(2))
    candidates = itertools.chain([name], [f"{name} ({campaign})"] if campaign else [], numbered)
    return next(each for each in candidates if not is_taken(each))
