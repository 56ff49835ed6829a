"""Lists of values in the notation of users: ``0,5``, ``0:10:2``, ``log:1e-4:1:5``.

Values remain texts until the solver's catalogue gives them a type, so that a file and a command
line with the same text have the same meaning. A value in quotes is used as it is.
"""

from __future__ import annotations

import re
from decimal import Context, Decimal, localcontext

from bench.errors import UsageError

MOST = 10_000
"""The most values that one range may have."""

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)
_LOG = "log:"
_QUOTES = "\"'"
_EXACT = Context(prec=60)
_ROUNDED = Context(prec=15)


def values(text: str) -> tuple[str, ...]:
    """Return the values in a text, separated by commas; each part may be a range.

    E.g. ``0,5`` -> 0, 5; ``-1,0:10:5`` -> -1, 0, 5, 10. Raise UsageError for anything else.
    """
    return tuple(value for part in split(text, ",") for value in expanded(part))


def split(text: str, separator: str) -> list[str]:
    """Return the stripped parts of a text; a separator within quotes does not split.

    A quote opens at the start of a part and after a blank, ``=``, ``,`` or ``:``. Raise UsageError
    for one that does not end.
    """
    parts, quote = [""], ""
    for char in text:
        if quote:
            quote = "" if char == quote else quote
        elif char in _QUOTES and parts[-1][-1:] in {"", " ", "=", ",", ":"}:
            quote = char
        elif char == separator:
            parts.append("")
            continue
        parts[-1] += char
    if quote:
        raise UsageError(f"{text!r}: the quote {quote} is not closed")
    return [part.strip() for part in parts]


def expanded(part: str) -> tuple[str, ...]:
    """Return the values of one part of a list: a range's, or the part itself without quotes.

    ``START:STOP:STEP`` counts in exact decimal arithmetic, STOP included when a step hits it.
    ``log:START:STOP:N`` is N points in equal ratios, both ends included, to 15 digits.
    """
    if not part:
        raise UsageError('a value is empty; write "" for an empty text')
    if len(part) > 1 and part[0] in _QUOTES and part[-1] == part[0]:
        return (part[1:-1],)
    if part.startswith(_LOG):
        numbers = _numbers(part, part.removeprefix(_LOG), "log:START:STOP:N, e.g. log:1e-4:1:5")
        return _geometric(part, *numbers)
    if ":" in part and _NUMBER.fullmatch(part.split(":", maxsplit=1)[0]):
        return _arithmetic(part, *_numbers(part, part, "START:STOP:STEP, e.g. 0:10:2"))
    return (part,)


def _numbers(part: str, text: str, form: str) -> tuple[Decimal, Decimal, Decimal]:
    parts = text.split(":")
    if len(parts) != 3 or not all(map(_NUMBER.fullmatch, parts)):
        raise UsageError(f"{part!r}: expected a range {form}")
    return Decimal(parts[0]), Decimal(parts[1]), Decimal(parts[2])


def _arithmetic(part: str, start: Decimal, stop: Decimal, step: Decimal) -> tuple[str, ...]:
    if not step:
        raise UsageError(f"{part!r}: the step of a range must not be 0")
    with localcontext(_EXACT):
        n = (stop - start) / step
        if n < 0:
            raise UsageError(f"{part!r}: the range is empty, because STEP leads away from STOP")
        if n >= MOST:
            raise UsageError(f"{part!r}: the range has more than {MOST} values")
        return tuple(_text(start + i * step) for i in range(int(n) + 1))


def _geometric(part: str, start: Decimal, stop: Decimal, count: Decimal) -> tuple[str, ...]:
    if start <= 0 or stop <= 0 or start == stop:
        raise UsageError(f"{part!r}: START and STOP must be different numbers above 0")
    if not 2 <= count <= MOST or count % 1:
        raise UsageError(f"{part!r}: N must be a whole number from 2 to {MOST}")
    last = int(count) - 1
    with localcontext(_EXACT):
        ratio = stop / start
        inner = (start * ratio ** (Decimal(i) / last) for i in range(1, last))
        return (_text(start), *(_text(_ROUNDED.plus(point)) for point in inner), _text(stop))


def _text(number: Decimal) -> str:
    """Return the usual way to write a number: ``10``, ``0.1``, ``1E-7``."""
    whole = abs(number) < 10**_ROUNDED.prec and number == number.to_integral_value()
    return str(int(number)) if whole else str(number.normalize())
