"""Status words: the words of check scripts and tables for the outcome of a solve."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from bench.errors import UsageError
from bench.model.results.verdict import Category, VerdictKind


@dataclass(frozen=True, slots=True)
class StatusMeaning:
    """A status in SCIP's words (None: no answer), and the conclusion of the source."""

    status: str | None
    category: Category
    kind: VerdictKind | None = None


_LIMITS = (
    *("timelimit", "memlimit", "nodelimit", "totalnodelimit", "stallnodelimit", "gaplimit"),
    *("sollimit", "bestsollimit", "restartlimit", "primallimit", "duallimit", "iterlimit"),
)
_ERRORS = {
    "fail(objectivevalue)": VerdictKind.OBJECTIVE,
    "fail(primalbound)": VerdictKind.OBJECTIVE,
    "fail(dualbound)": VerdictKind.DUAL_BOUND,
    "fail(solutioninfeasible)": VerdictKind.INFEASIBLE_SOLUTION,
    "fail(solutiononinfeasibleinstance)": VerdictKind.SOLUTION_ON_INFEASIBLE,
    "fail": VerdictKind.GAP_NOT_CLOSED,
}
_MEANINGS = {
    **{word: StatusMeaning(word, Category.LIMIT) for word in _LIMITS},
    **{
        word: StatusMeaning(word, Category.UNCONFIRMED)
        for word in ("optimal", "infeasible", "unbounded", "inforunbd")
    },
    "userinterrupt": StatusMeaning("userinterrupt", Category.INTERRUPTED),
    "unknown": StatusMeaning("unknown", Category.CRASHED),
    "abort": StatusMeaning(None, Category.CRASHED),
    "readerror": StatusMeaning(None, Category.UNREADABLE),
    **{word: StatusMeaning(None, Category(word)) for word in ("killed", "skipped")},
    "wrong": StatusMeaning("optimal", Category.WRONG),
}
_SYNONYMS = {
    "optimal": (
        *("ok", "solved", "success", "opt"),
        *("solvednotverified", "solvedunconfirmed", "solvedunverified"),
    ),
    "infeasible": ("inf",),
    "unbounded": ("unbd",),
    "inforunbd": ("infeasibleorunbounded", "inforunbounded"),
    "timelimit": ("timeout", "time", "to", "tl", "limit", "better"),
    "memlimit": ("memout", "oom", "mo", "memory", "memorylimit", "outofmemory"),
    "nodelimit": ("nodes",),
    "userinterrupt": ("interrupt", "interrupted"),
    "readerror": ("fail(readerror)", "unreadable"),
    "abort": (
        *("fail(abort)", "fail(stoppedunsolvedbeforelimit)"),
        *("aborted", "crash", "crashed", "error", "er", "err", "failed", "missing"),
    ),
}
_WORDS = {synonym: word for word, synonyms in _SYNONYMS.items() for synonym in synonyms}


def meaning(said: str, own: Mapping[str, str] | None = None) -> StatusMeaning | None:
    """Return the meaning of a status word, None for an unknown one.

    Case, blanks and dashes are ignored. ``own`` are the user's explanations, which take precedence.
    A ``fail (...)`` of SCIP's check scripts is a wrong answer unless it names an abort.
    """
    explained = {_plain(word): text for word, text in (own or {}).items()}
    word = _plain(explained.get(_plain(said), said))
    word = _WORDS.get(word, word)
    if word == "fail" or word.startswith("fail("):
        return StatusMeaning("optimal", Category.WRONG, _ERRORS.get(word))
    return _MEANINGS.get(word)


def checked(own: Mapping[str, str]) -> Mapping[str, str]:
    """Return the explanations; UsageError for one by an unknown word."""
    for word, text in own.items():
        if meaning(text) is None:
            raise UsageError(
                f"--status {word}={text}: {text!r} is not a status; known: {', '.join(_MEANINGS)}"
            )
    return own


def _plain(word: str) -> str:
    return re.sub(r"[\s_-]", "", word).lower()
