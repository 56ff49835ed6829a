"""Plug-ins in Python: find the functions of a declaration, and check that solvers accept them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from bench.errors import UsageError
from bench.model.setting import Setting
from bench.planning.declaration import Declaration
from bench.planning.settings import INCLUDE
from bench.solvers import include, registry


def with_plug_ins(declaration: Declaration) -> Declaration:
    """Return the declaration with the functions that it names; UsageError if one is missing."""
    found = {}
    for at, text in _named(declaration):
        try:
            found[text] = include.resolve(text)
        except UsageError as error:
            raise UsageError(f"{at}{error}") from None
    return replace(declaration, included=found)


def check_plug_ins(settings: Iterable[Setting]) -> None:
    """Raise UsageError for a setting whose solver does not accept plug-ins."""
    for each in settings:
        if each.include and not registry.declaration(each.solver).takes_plug_ins:
            raise UsageError(
                f"solver {each.solver!r} does not support plug-ins in Python; remove --include, or "
                "give it to a named setting with only: scip"
            )


def _named(declaration: Declaration) -> Iterator[tuple[str, str]]:
    """Yield each text that names functions, with the beginning of a message about it."""
    for text in declaration.grid.get(INCLUDE, ()):
        yield declaration.at("grid", INCLUDE), text
    for lists in declaration.zips:
        yield from ((declaration.at("zips"), text) for text in lists.get(INCLUDE, ()))
    for named in declaration.settings:
        if INCLUDE in named.params:
            yield f"{named.origin}: " if named.origin else "", named.params[INCLUDE]
