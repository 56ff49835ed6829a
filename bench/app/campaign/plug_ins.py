"""Plug-ins in Python: what a declaration names is found, and held against what solvers take."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from bench.errors import UsageError
from bench.model.setting import Setting
from bench.planning.declaration import Declaration
from bench.planning.settings import INCLUDE
from bench.solvers import include, registry


def with_plug_ins(declaration: Declaration) -> Declaration:
    """Return the declaration with the functions that it names; UsageError for one not there."""
    found = {}
    for at, text in _named(declaration):
        try:
            found[text] = include.resolve(text)
        except UsageError as error:
            raise UsageError(f"{at}{error}") from None
    return replace(declaration, included=found)


def check_plug_ins(settings: Iterable[Setting]) -> None:
    """Raise UsageError for a setting whose solver takes no plug-ins."""
    for each in settings:
        if each.include and not registry.declaration(each.solver).takes_plug_ins:
            raise UsageError(
                f"solver {each.solver!r} takes no plug-ins in Python; leave out --include, or "
                "give it to a named setting with only: scip"
            )


def _named(declaration: Declaration) -> Iterator[tuple[str, str]]:
    """Yield what a message about it begins with, and each text that names functions."""
    for text in declaration.grid.get(INCLUDE, ()):
        yield declaration.at("grid", INCLUDE), text
    for lists in declaration.zips:
        yield from ((declaration.at("zips"), text) for text in lists.get(INCLUDE, ()))
    for named in declaration.settings:
        if INCLUDE in named.params:
            yield f"{named.origin}: " if named.origin else "", named.params[INCLUDE]
