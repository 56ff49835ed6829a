"""Readers: solvers that can read an instance to check what another solver makes of it."""

from __future__ import annotations

from collections.abc import Iterator

from bench.solvers import registry


def readers() -> Iterator[str]:
    """Yield the names of solvers that read files by themselves, in the registry's order."""
    return (name for name in registry.by_preference() if registry.declaration(name).formats)


def candidates(solver: str) -> Iterator[str]:
    """Yield the readers to ask about a solution of this solver, the independent ones first."""
    own = registry.declaration(solver).code_base
    others: list[str] = []
    for name in readers():
        if registry.declaration(name).code_base == own:
            others.append(name)
        else:
            yield name
    yield from others


def are_independent(one: str, other: str) -> bool:
    """Whether two solvers have no code in common."""
    return registry.declaration(one).code_base != registry.declaration(other).code_base


def code_base(solver: str) -> str | None:
    """Return the code base that a solver declares, None where it declares none."""
    found = registry.declaration(solver)
    return found.code_base if found.formats else None


def first_two() -> tuple[str, str]:
    """Return the first readers of two code bases: for any solver one of them is independent."""
    first = next(readers())
    return first, next(name for name in readers() if are_independent(first, name))
