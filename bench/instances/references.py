"""References of instances, from files: ``.solu`` files of SCIP's check scripts, or CSV tables.

A ``.solu`` file next to instances applies to the files in its own folder; a file that the user
gives applies to all. A name alone never applies to two files with different contents.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from bench.errors import UsageError
from bench.instances import solu
from bench.instances.files import FORMATS, instance_name
from bench.instances.reference_entries import ReferenceEntry, collected
from bench.model.instances.instance import Instance
from bench.model.instances.reference import Reference

if TYPE_CHECKING:
    from bench.instances.reference_table import ReferenceColumns

TABLE = ".csv"


@dataclass(frozen=True, slots=True)
class References:
    """The known references of instances, by path and content; ``notes`` name unusable ones."""

    known: Mapping[tuple[Path, str], Reference]
    notes: tuple[str, ...] = ()

    def of(self, instance: Instance) -> Reference | None:
        """Return the reference of an instance, or None."""
        return self.known.get((instance.path, instance.digest))


NO_REFERENCES = References({})


def references_of(
    instances: Iterable[Instance],
    given: Sequence[Path],
    columns: ReferenceColumns | None = None,
    *,
    beside: bool = True,
) -> References:
    """Return the references of instances.

    Among the ``given`` files, later ones take precedence, and all of them take precedence over the
    ``.solu`` files next to the instances. Raise UsageError for a file that cannot be read, with the
    line of an error in it, and if one entry of a given file names several instances with different
    contents.
    """
    usable = [one for one in instances if one.defect is None]
    known: dict[tuple[Path, str], Reference] = {}
    notes: list[str] = []
    for file in solu.beside(one.path for one in usable) if beside else ():
        own = [one for one in usable if one.path.parent == file.parent]
        found, ambiguous = _matched(file, _entries(file, None), own)
        known |= found
        notes += [f"{line}; not used" for line in ambiguous[:1]]
    for file in given:
        found, ambiguous = _matched(file, _entries(file, columns), usable)
        if ambiguous:
            raise UsageError(ambiguous[0])
        known |= found
    return References(known, tuple(notes))


def read(paths: Iterable[Path], columns: ReferenceColumns | None = None) -> dict[str, Reference]:
    """Return the references of several files by instance name, where later files take precedence.

    A file that ends in ``.csv`` is a table with the named or usual columns. An instance may be
    listed by name or by file, with folder and suffix. Raise UsageError for a file that cannot be
    read, with the line of an error in it.
    """
    references: dict[str, Reference] = {}
    for path in paths:
        entries = _entries(path, columns)
        exact = collected(entries)
        by_stem = [replace(one, name=instance_name(Path(one.name))) for one in entries]
        references |= collected(one for one in by_stem if one.name not in exact) | exact
    return references


@dataclass(frozen=True, slots=True)
class _Found:
    """A reference for an instance, its lines, and whether one has the instance's path."""

    reference: Reference
    places: frozenset[str]
    by_path: bool


class _File:
    """The entries of a file of references, by the names of instances that they may mean."""

    def __init__(self, path: Path, entries: Sequence[ReferenceEntry]) -> None:
        """Raise UsageError for entries of one name that contradict each other."""
        self._folders = (path.parent, Path())
        collected(entries)
        self._by_name: dict[str, list[ReferenceEntry]] = {}
        for entry in entries:
            for name in {entry.name, instance_name(Path(entry.name))}:
                self._by_name.setdefault(name, []).append(entry)

    def find(self, instance: Instance) -> _Found | None:
        """Return the entry for an instance: by path, by file name, else by name alone."""
        names = {instance.name, instance_name(instance.path)}
        listed = {id(one): one for name in names for one in self._by_name.get(name, ())}
        meant = [one for one in listed.values() if not self._is_another(one.name, instance.path)]
        by_path = [one for one in meant if _has_path(instance.path, one.name)]
        exact = [one for one in meant if one.name in names]
        chosen = by_path or exact or meant
        if not chosen:
            return None
        (reference,) = collected(replace(one, name=instance.name) for one in chosen).values()
        return _Found(reference, frozenset(one.place for one in chosen), bool(by_path))

    def _is_another(self, written: str, path: Path) -> bool:
        """Return whether an entry with a folder is the path of another existing file."""
        if "/" not in written:
            return False
        endings = ("", *(f".{each}{packed}" for each in FORMATS for packed in ("", ".gz")))
        files = (base / f"{written}{ending}" for base in self._folders for ending in endings)
        there = [file for file in files if file.is_file()]
        return bool(there) and not any(file.samefile(path) for file in there if path.exists())


def _has_path(path: Path, written: str) -> bool:
    """Return whether an entry is the end of a file's path, with or without its format.

    A bare name without a format is not a path.
    """
    parts = PurePosixPath(written).parts
    own = path.resolve().parts
    stem = instance_name(path)
    endings = {path.name, path.name.removesuffix(".gz")} | ({stem} if len(parts) > 1 else set())
    is_name = len(parts) == 1 and written == stem
    return (
        not is_name and bool(parts) and parts[-1] in endings and own[-len(parts) : -1] == parts[:-1]
    )


def _matched(
    path: Path, entries: Sequence[ReferenceEntry], instances: Sequence[Instance]
) -> tuple[dict[tuple[Path, str], Reference], list[str]]:
    """Return the entries for instances, and a line for each ambiguous one.

    An entry with the path of one instance does not apply to others of that name.
    """
    file = _File(path, entries)
    found = {one.path: say for one in instances if (say := file.find(one)) is not None}
    namesakes = _namesakes([one for one in instances if one.path in found])
    known: dict[tuple[Path, str], Reference] = {}
    ambiguous: list[str] = []
    for one in instances:
        say = found.get(one.path)
        if say is None:
            continue
        rivals = [
            other
            for other in namesakes.get(one.path, [])
            if found[other.path].places & say.places and found[other.path].by_path >= say.by_path
        ]
        equal = [other for other in rivals if found[other.path].by_path == say.by_path]
        if not rivals:
            known[one.path, one.digest] = say.reference
        elif equal:
            ambiguous.append(f"{min(say.places)}: {_ambiguity(one, equal[0])}")
    return known, ambiguous


def _namesakes(instances: Sequence[Instance]) -> dict[Path, list[Instance]]:
    """Return for each instance's file the others of its name with different content."""
    groups: dict[str, list[Instance]] = {}
    for one in instances:
        groups.setdefault(instance_name(one.path), []).append(one)
    return {
        one.path: others
        for same in groups.values()
        for one in same
        if (others := [other for other in same if other.digest != one.digest])
    }


def _ambiguity(one: Instance, other: Instance) -> str:
    name = instance_name(one.path)
    return (
        f"{name} may be {one.path} or {other.path}, which have different contents; "
        f"write the file with its folder, e.g. {one.path.absolute().parent.name}/{one.path.name}"
    )


def _entries(path: Path, columns: ReferenceColumns | None) -> list[ReferenceEntry]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{path}: not a text file in UTF-8") from error
    if path.suffix.lower() == TABLE:
        from bench.instances import reference_table  # noqa: PLC0415 - few commands name a table

        return list(reference_table.entries(text, str(path), columns))
    return list(solu.entries(text, str(path)))
