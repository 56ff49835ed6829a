"""Printable text: names without control characters, and other text with Python's escapes."""

from __future__ import annotations

import unicodedata

from bench.errors import UsageError

CONTROL = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Categories of Unicode: control characters such as ESC and direction marks, surrogates, line ends.
"""
JOINERS = "\u200c\u200d"
"""Parts of words in some scripts, and of emoji."""
_LONGEST_SHOWN = 60


def has_control(text: str) -> bool:
    """Return whether a text has control characters, which would affect the terminal."""
    return not text.isprintable() and any(
        unicodedata.category(each) in CONTROL and each not in JOINERS for each in text
    )


def checked_name(name: str, what: str = "name") -> str:
    """Return the name; UsageError if it has control characters or is not valid UTF-8."""
    if not is_encodable(name):
        start = name[:_LONGEST_SHOWN]
        raise UsageError(
            f"{what} {start!r}: not in UTF-8, which neither solvers nor stores can use"
        )
    if has_control(name):
        raise UsageError(
            f"{what} {name[:_LONGEST_SHOWN]!r}: a name must not contain control characters"
        )
    return name


def escaped(text: str, keep: str = "") -> str:
    """Return the text with unprintable characters, except for ``keep``, as Python escapes."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c in keep else repr(c)[1:-1] for c in text)


def is_encodable(text: str) -> bool:
    """Return whether a text can be encoded as UTF-8: it has no surrogates."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def encodable(text: str) -> str:
    """Return the text with surrogates as Python escapes."""
    return text.encode(errors="backslashreplace").decode()


def shown(text: str) -> str:
    """Return any text as a short part of one line."""
    start = text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}..."
    return escaped(start)
