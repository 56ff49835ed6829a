"""Mutations: what bad disks, editors, converters and hostile hands make of a file."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping

Mutation = Callable[[bytes, random.Random], bytes]

NUMBER = re.compile(rb"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")
WORD = re.compile(rb"[A-Za-z_][\w./-]*")
VALUE = re.compile(rb'"[^"\n]*"|\b(?:true|false|null)\b|' + NUMBER.pattern)
HUGE = (
    *(b"1e999", b"-1e999", b"NaN", b"nan", b"Infinity", b"-inf", b"9" * 40, b"1" * 5000),
    *(b"1e300", b"-1", b"-0.0", b"0x10", b"1_000", b"0.1.2", b"1e", b"18446744073709551616"),
    *("\u0661\u0662".encode(), "\u00b2".encode(), b"1/0", b"--1"),
)
OTHERS = (
    *(b"null", b"true", b"[]", b"{}", b'""', b"0", b'"text"', b"[1,2]", b'{"a":1}', b"''", b"~"),
    *(b'"\\ud800"', b'"\\u0000"', b'"\\n"', b"- a", b"!!python/object:os.system x", b"1.5"),
)
ODD = (
    *(b"\x00", b"\x1b[2J", b"\r", b"\x0b", b"\x85", b"\xff\xfe", b"\xed\xa0\x80", b"\xc3", b"\x1a"),
    *("\u202e".encode(), "\u2028".encode(), "\ufeff".encode(), b"\xf4\x90\x80\x80", b"'", b'"'),
    *(b"${HOME}", b"%s%n", b"&a [*a]", b"*a", b"<<: *a", b"<!ENTITY a 'b'>", b"&a;", b"]]>", b"\\"),
)


def _place(text: bytes, rng: random.Random) -> int:
    return rng.randint(0, len(text))


def _flip(text: bytes, rng: random.Random) -> bytes:
    made = bytearray(text or b"\0")
    for _ in range(rng.randint(1, 8)):
        made[rng.randrange(len(made))] ^= 1 << rng.randrange(8)
    return bytes(made)


def _truncate(text: bytes, rng: random.Random) -> bytes:
    return text[: _place(text, rng)]


def _delete(text: bytes, rng: random.Random) -> bytes:
    start = _place(text, rng)
    return text[:start] + text[start + rng.randint(1, 60) :]


def _repeat(text: bytes, rng: random.Random) -> bytes:
    start, length = _place(text, rng), rng.randint(1, 200)
    part = text[start : start + length]
    return text[:start] + part * rng.choice([2, 3, 200]) + text[start:]


def _swap_lines(text: bytes, rng: random.Random) -> bytes:
    lines = text.splitlines(keepends=True)
    rng.shuffle(lines)
    return b"".join(lines)


def _insert(text: bytes, rng: random.Random) -> bytes:
    at = _place(text, rng)
    return text[:at] + rng.choice(ODD) + text[at:]


def _replaced(pattern: re.Pattern[bytes], by: tuple[bytes, ...]) -> Mutation:
    def replace(text: bytes, rng: random.Random) -> bytes:
        found = list(pattern.finditer(text))
        if not found:
            return text + rng.choice(by)
        one = rng.choice(found)
        return text[: one.start()] + rng.choice(by) + text[one.end() :]

    return replace


def _nest(text: bytes, rng: random.Random) -> bytes:
    opening = rng.choice([b"[", b"(", b"{", b'{"a":', b"a: {", b"<a>", b"- ", b"&x [", b"\t", b" "])
    found = list(VALUE.finditer(text))
    at = rng.choice(found).start() if found else _place(text, rng)
    return text[:at] + opening * rng.choice([50, 5000, 100_000]) + text[at:]


def _lengthen(text: bytes, rng: random.Random) -> bytes:
    found = list(WORD.finditer(text))
    at = rng.choice(found).end() if found else 0
    return text[:at] + rng.choice([b"x", b"9", b",", b"/", b" "]) * 70_000 + text[at:]


def _recode(text: bytes, rng: random.Random) -> bytes:
    return text.decode("utf-8", "replace").encode(
        rng.choice(["utf-16", "utf-32", "cp037"]), "replace"
    )


MUTATIONS: Mapping[str, Mutation] = {
    "bits": _flip,
    "truncated": _truncate,
    "deleted": _delete,
    "repeated": _repeat,
    "lines shuffled": _swap_lines,
    "odd characters": _insert,
    "huge numbers": _replaced(NUMBER, HUGE),
    "types swapped": _replaced(VALUE, OTHERS),
    "words swapped": _replaced(WORD, (*OTHERS, *ODD, *HUGE, b"..", b"/etc/passwd", b"name")),
    "nested": _nest,
    "lengthened": _lengthen,
    "BOM": lambda text, _: b"\xef\xbb\xbf" + text,
    "CR LF": lambda text, _: text.replace(b"\n", b"\r\n"),
    "CR": lambda text, _: text.replace(b"\n", b"\r"),
    "recoded": _recode,
    "empty": lambda *_: b"",
}


def mutated(text: bytes, rng: random.Random) -> tuple[str, bytes]:
    """Return the text after one to three mutations, and what they are called."""
    names = rng.choices(list(MUTATIONS), k=rng.choice([1, 1, 1, 2, 3]))
    for name in names:
        text = MUTATIONS[name](text, rng)
    return " + ".join(names), text
