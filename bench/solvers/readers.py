"""Readers: solvers that can read an instance to check what another solver makes of it."""

from __future__ import annotations

from collections.abc import Iterator

from bench.solvers import registry


def readers() -> Iterator[str]:
    """Yield the names of solvers that read files by themselves, in the registry's order."""
    return (name for name in registry.by_preference() if registry.declaration(name).formats)


def candidates(solver: str) -> Iterator[str]:
    """Yield the readers to ask about a solution of this solver, the independent ones first."""
    others: list[str] = []
    for name in readers():
        if are_independent(solver, name):
            yield name
        else:
            others.append(name)
    yield from others


def are_independent(one: str, other: str) -> bool:
    """Whether two solvers have no code in common, that by which they read instances included."""
    return not code_bases(one) & code_bases(other)


def code_bases(solver: str) -> frozenset[str]:
    """Return the code bases of a solver, and of the one whose reading of instances it gets."""
    declared = registry.declaration(solver)
    own = frozenset({declared.code_base})
    return own | code_bases(declared.read_by) if declared.read_by else own


def code_base(solver: str) -> str | None:
    """Return the code base that a solver declares, None where it declares none."""
    found = registry.declaration(solver)
    return found.code_base if found.formats else None


def first_two() -> tuple[str, str]:
    """Return the first readers of two code bases: for any solver one of them is independent."""
    first = next(readers())
    return first, next(name for name in readers() if are_independent(first, name))
