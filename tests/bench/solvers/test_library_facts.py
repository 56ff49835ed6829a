"""What a solver's library says of itself is kept as long as its files are the same."""

from __future__ import annotations

import os
from importlib import import_module
from pathlib import Path

import pytest

from bench.errors import SolverError
from bench.model.parameters import Catalogue, Parameter, ParameterKind
from bench.solvers import registry
from bench.solvers.library_facts import LibraryFacts, cache_folder, library_facts

PARAMETERS = [
    Parameter(
        name="limits/nodes",
        kind=ParameterKind.INT,
        default=-1,
        description="most nodes",
        low=-1,
        high=2**63 - 1,
    ),
    Parameter(
        name="lp/solver",
        kind=ParameterKind.STRING,
        default="ä",
        description="",
        choices=("a", "ä"),
        advanced=True,
    ),
]


class Library:
    """A package with a library beside it, which counts how often it is asked."""

    def __init__(self, folder: Path) -> None:
        """Make the files."""
        (folder / "mylib").mkdir()
        (folder / "mylib" / "__init__.py").touch()
        self.binary = folder / "mylib" / "core.so"
        self.binary.write_bytes(b"1")
        self.n_asked = 0
        self.version = "1.0"

    def facts(self, *bundled: str) -> LibraryFacts:
        """Return what is kept or found out."""
        return library_facts("my", "mylib", bundled or ("mylib/core*.so",), self._read)

    def _read(self) -> LibraryFacts:
        self.n_asked += 1
        return LibraryFacts(self.version, Catalogue(PARAMETERS))


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Library:
    """Return a library that can be found, with an empty cache."""
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return Library(tmp_path)


def test_a_library_is_asked_once(library: Library) -> None:
    """The second time the kept facts are read, with all types as they were."""
    first, second = library.facts(), library.facts()
    assert library.n_asked == 1
    assert first.version == second.version == "1.0"
    assert dict(second.catalogue) == dict(first.catalogue)
    assert [type(one.high) for one in second.catalogue.values()] == [int, type(None)]


def test_another_library_is_asked_again(library: Library) -> None:
    """A file of another time is another library."""
    library.facts()
    library.version = "2.0"
    os.utime(library.binary, ns=(1, 1))
    assert library.facts().version == "2.0"


def test_what_is_not_in_the_package_is_asked_each_time(library: Library) -> None:
    """A library outside of its package may change without notice."""
    library.facts("mylib/core*.so", "mylib.libs/*")
    library.facts("mylib/core*.so", "mylib.libs/*")
    assert library.n_asked == 2


@pytest.mark.parametrize("content", ["", "{", "[]", '{"version": "1", "parameters": []}'])
def test_what_was_damaged_is_found_out_again(library: Library, content: str) -> None:
    """A kept file that is no such file is replaced."""
    library.facts()
    folder = cache_folder()
    assert folder is not None
    (file,) = folder.iterdir()
    file.write_text(content)
    assert len(library.facts().catalogue) == len(PARAMETERS)
    assert library.n_asked == 2


def test_a_cache_that_cannot_be_written_is_done_without(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The facts are found out each time."""
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    library.facts()
    assert library.facts().version == "1.0"


def test_a_missing_package_is_named() -> None:
    """The message is that of a solver that cannot be imported."""
    with pytest.raises(SolverError, match="cannot be loaded: No module named 'nowhere_at_all'"):
        library_facts("my", "nowhere_at_all", (), lambda: LibraryFacts("", Catalogue([])))


@pytest.mark.parametrize("name", ["scip", "highs"])
def test_kept_parameters_are_those_of_the_library(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Kept and read again, each parameter is the same."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    bundled = import_module(f"bench.solvers.{name}.declaration").BUNDLED
    catalogue = import_module(f"bench.solvers.{name}.catalogue").read_catalogue()
    package = registry.declaration(name).package
    for _ in range(2):
        kept = library_facts(name, package, bundled, lambda: LibraryFacts("1", catalogue))
        assert dict(kept.catalogue) == dict(catalogue)
