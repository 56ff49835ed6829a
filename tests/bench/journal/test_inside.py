"""Paths that files of a work folder name."""

from __future__ import annotations

import dataclasses
import typing
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.journal.inside import inside
from bench.journal.manifest import Manifest
from bench.journal.origin import Origin
from bench.model.results.result import Result

KNOWN = {
    "Result.folder": "kept inside as a journal is read",
    "Origin.files": "those that lead out are left out",
    "Instance.path": "shown, never opened: instances are found anew by each command",
}
"""What is done with each path that a file of a work folder names."""


def paths(kind: type) -> Iterator[str]:
    """Yield the fields of a dataclass, and of those in its fields, that hold a path."""
    for name, hint in typing.get_type_hints(kind).items():
        for part in (hint, *_arguments(hint)):
            if part is Path:
                yield f"{kind.__name__}.{name}"
            elif isinstance(part, type) and dataclasses.is_dataclass(part):
                yield from paths(part)


def _arguments(hint: object) -> Iterator[object]:
    for part in typing.get_args(hint):
        yield part
        yield from _arguments(part)


@pytest.mark.parametrize("kind", [Result, Origin, Manifest])
def test_every_path_that_a_work_folder_names_is_known(kind: type) -> None:
    """A new one is added here, with what keeps it inside."""
    assert set(paths(kind)) <= set(KNOWN)


@pytest.mark.parametrize("path", ["a/log", "log", "./log"])
def test_what_lies_inside_is_returned_absolute(tmp_path: Path, path: str) -> None:
    """Whether it exists or not."""
    assert inside(tmp_path, Path(path)) == tmp_path / path


@pytest.mark.parametrize("path", ["../log", "a/../../log", "/etc/hostname", "out/log"])
def test_what_leads_out_is_refused(tmp_path: Path, path: str) -> None:
    """In words, or through a link."""
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "out").symlink_to(tmp_path)
    with pytest.raises(ValueError, match="is outside the work folder"):
        inside(tmp_path / "work", Path(path))


def test_a_work_folder_may_itself_be_a_link(tmp_path: Path) -> None:
    """Many have theirs on another disk."""
    (tmp_path / "disk").mkdir()
    (tmp_path / "bench-work").symlink_to(tmp_path / "disk")
    assert inside(tmp_path / "bench-work", Path("a/log")) == tmp_path / "bench-work" / "a" / "log"


def test_a_work_folder_may_be_named_by_way_of_its_neighbour(tmp_path: Path) -> None:
    """As with --work-dir ../work; no path in it leads out for that."""
    root = tmp_path / "here" / ".." / "work"
    assert inside(root, root / "a" / "log") == root / "a" / "log"
    with pytest.raises(ValueError, match="is outside the work folder"):
        inside(root, root / ".." / "log")
