"""References from ``.solu`` files, in the format of SCIP's check scripts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from bench.errors import UsageError
from bench.instances.reference_entries import ReferenceEntry, collected
from bench.model.instances.reference import Known, Reference

WITH_VALUE = frozenset({Known.OPTIMAL, Known.BEST, Known.BEST_DUAL})


def parse(text: str, source: str) -> dict[str, Reference]:
    """Return the references by instance name; raise UsageError as :func:`entries` does.

    Several lines may refer to one instance, unless they contradict each other.
    """
    return collected(entries(text, source))


def entries(text: str, source: str) -> Iterator[ReferenceEntry]:
    """Yield the entry of each line.

    A line is ``=opt= name value``, ``=best= name value``, ``=bestdual= name value``, ``=inf=
    name``, ``=unbd= name``, ``=feas= name`` or ``=unkn= name``; ``#`` begins a comment. Raise
    UsageError with source and line number for anything else.
    """
    for number, line in enumerate(text.splitlines(), start=1):
        fields = line.split("#")[0].split()
        if fields:
            place = f"{source}:{number}"
            yield ReferenceEntry(place, *_entry(fields, place))


def beside(paths: Iterable[Path]) -> list[Path]:
    """Return the ``.solu`` files in the folders of the given files, sorted."""
    return sorted({solu for folder in {p.parent for p in paths} for solu in folder.glob("*.solu")})


def text(references: Mapping[str, Reference]) -> str:
    """Return the references as a ``.solu`` file.

    Raise UsageError for a name that it cannot contain: one with blanks or ``#``.
    """
    lines = []
    for name, reference in references.items():
        if name.split("#")[0].split() != [name]:
            raise UsageError(
                f"instance {name!r} cannot be written to a .solu file; rename the instance"
            )
        value = "" if reference.value is None else f" {reference.value!r}"
        lines.append(f"={reference.known}= {name}{value}")
        if reference.dual_value is not None and reference.known is not Known.BEST_DUAL:
            lines.append(f"={Known.BEST_DUAL}= {name} {reference.dual_value!r}")
    return "\n".join(lines) + "\n"


def _entry(fields: list[str], where: str) -> tuple[str, Reference]:
    tag, *rest = fields
    tags = {f"={one}=": one for one in Known}
    known = tags.get(tag.lower())
    if known is None:
        raise UsageError(f"{where}: unknown tag {tag!r}; known are {' '.join(tags)}")
    if not rest:
        raise UsageError(f"{where}: {tag} needs an instance name")
    if rest[2:]:
        raise UsageError(
            f"{where}: expected a name and a value, but there is more: {' '.join(rest[2:])!r}"
        )
    value = _value(rest, where)
    if known in WITH_VALUE and value is None:
        raise UsageError(f"{where}: {tag} {rest[0]} needs a value")
    if known is Known.BEST_DUAL:
        return rest[0], Reference(known, dual_value=value)
    return rest[0], Reference(known, value=value if known in WITH_VALUE else None)


def _value(rest: list[str], where: str) -> float | None:
    if len(rest) < 2:
        return None
    try:
        value = float(rest[1])
    except ValueError:
        raise UsageError(f"{where}: {rest[1]!r} is not a number") from None
    if value != value or value in {float("inf"), float("-inf")}:  # noqa: PLR0124
        raise UsageError(f"{where}: {rest[1]!r} is not a finite number")
    return value
