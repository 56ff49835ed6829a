"""Functions of an options object that are called with keywords."""

from __future__ import annotations

import inspect
from dataclasses import dataclass, field

import pytest

from bench.app.keywords import with_keywords


@dataclass(frozen=True, slots=True, kw_only=True)
class Common:
    """Shared by all: ``limit`` in seconds."""

    limit: float = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Options(Common):
    """What is done: ``name``."""

    name: str = field(kw_only=False)


@with_keywords(Options)
def do(options: Options) -> str:
    """Do it."""
    return f"{options.name} within {options.limit:g} s"


def test_each_field_is_a_keyword() -> None:
    """With its default; anything else is a TypeError, as for any function."""
    assert do("it") == "it within 60 s"
    assert do("it", limit=5) == "it within 5 s"
    with pytest.raises(TypeError, match="limt"):
        do("it", limt=5)  # type: ignore[call-arg]


def test_help_knows_all_keywords() -> None:
    """Signature and documentation come from the class and its bases."""
    assert str(inspect.signature(do)) == "(name: 'str', *, limit: 'float' = 60.0) -> 'str'"
    assert do.__doc__ == "Do it.\n\nWhat is done: ``name``.\n\nShared by all: ``limit`` in seconds."


def test_an_old_keyword_works_with_a_warning() -> None:
    """As long as the new one is not given too."""
    renamed = with_keywords(Options, renamed={"maximum": "limit"})
    function = renamed(lambda options: options.limit)
    with pytest.warns(DeprecationWarning, match="keyword maximum is now limit"):
        assert function("it", maximum=5.0) == 5.0  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="old name of limit"):
        function("it", maximum=5.0, limit=6.0)  # type: ignore[call-arg]
