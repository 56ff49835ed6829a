"""Readers: solvers that can read an instance to check the reading of another solver."""

from __future__ import annotations

from collections.abc import Iterator

from bench.solvers import registry


def readers() -> Iterator[str]:
    """Yield the names of solvers that read files without help, in the registry's order."""
    return (name for name in registry.by_preference() if registry.declaration(name).formats)


def candidates(solver: str) -> Iterator[str]:
    """Yield the readers for solutions of this solver, the independent ones first."""
    others: list[str] = []
    for name in readers():
        if are_independent(solver, name):
            yield name
        else:
            others.append(name)
    yield from others


def are_independent(one: str, other: str) -> bool:
    """Return whether two solvers share no code, including the code that reads their instances."""
    return not code_bases(one) & code_bases(other)


def code_bases(solver: str) -> frozenset[str]:
    """Return the code bases of a solver, and of the one that reads its instances."""
    declared = registry.declaration(solver)
    own = frozenset({declared.code_base})
    return own | code_bases(declared.read_by) if declared.read_by else own


def code_base(solver: str) -> str | None:
    """Return the code base that a solver declares, None where it declares none."""
    found = registry.declaration(solver)
    return found.code_base if found.formats else None


def first_two() -> tuple[str, str]:
    """Return the first readers of two code bases: one of them is independent of any solver."""
    first = next(readers())
    return first, next(name for name in readers() if are_independent(first, name))
