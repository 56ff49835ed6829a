"""Functions that add plug-ins: found without being imported, known by their source, loaded."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.errors import SolverError, UsageError
from bench.model.included import below, parts
from bench.solvers.include import load, resolve

RAISING = "raise RuntimeError('imported')\ndef add(model): ...\n"


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in an empty folder, and forget what is imported from it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.path", ["/nowhere"])


def _write(name: str, text: str) -> None:
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def test_none_and_several_functions_are_meant_by_one_text() -> None:
    """A plus joins them, also where a folder has one in its name."""
    _write("c++/a.py", "def f(model): ...\n")
    _write("b.py", "def g(model): ...\n")
    assert resolve("none") == ()
    assert [each.name for each in resolve("c++/a.py:f+b:g")] == ["a.py:f", "b:g"]
    assert parts("a.py:f+") == []
    assert below(Path("sub"), "a.py:f+b:g") == "sub/a.py:f+b:g"
    assert below(Path("sub"), "none") == "none"


def test_nothing_is_imported_until_it_is_loaded() -> None:
    """An import may raise, which is the task's affair."""
    _write("a.py", RAISING)
    (found,) = resolve("a.py:add")
    with pytest.raises(SolverError, match=r"a.py:add cannot be imported: RuntimeError: imported"):
        load(found)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a.py", "expected FILE.py:FUNCTION"),
        ("a.py:", "expected FILE.py:FUNCTION"),
        ("a.py:f g", "expected FILE.py:FUNCTION"),
        ("missing.py:f", "no such file"),
        ("missing:f", "no module 'missing'"),
        ("os..path:f", "no module"),
        ("a.py:other", "a.py has no function 'other'"),
        ("a.py:inner", "a.py has no function 'inner'"),
        ("bad.py:f", r"not Python: line 2: [^:<]*$"),
        ("binary.py:f", "not Python"),
    ],
)
def test_what_is_not_there_is_said_in_a_line(text: str, words: str) -> None:
    """Before anything is executed."""
    _write("a.py", "def f(model):\n    def inner(): ...\n")
    _write("bad.py", "\ndef f(:\n")
    Path("binary.py").write_bytes(b"\0\1")
    with pytest.raises(UsageError, match=words) as raised:
        resolve(text)
    assert "\n" not in str(raised.value)


def test_a_function_may_be_bound_in_any_way() -> None:
    """By an assignment, an import, under a condition, or by all of another module."""
    _write("a.py", "if True:\n    f = print\nfrom b import g as h\n")
    _write("star.py", "from b import *\n")
    _write("b.py", "def g(model): ...\n")
    for text in ("a.py:f", "a.py:h", "star.py:g"):
        resolve(text)


def test_the_digest_is_that_of_the_source_and_of_what_it_imports_from_beside() -> None:
    """Wherever the files lie; other files do not count."""

    def digest(folder: str) -> str:
        return resolve(f"{folder}/a.py:f")[0].digest

    for folder in ("one", "two"):
        _write(f"{folder}/a.py", "import os\nfrom pack.inner import x\ndef f(model): ...\n")
        _write(f"{folder}/pack/__init__.py", "")
        _write(f"{folder}/pack/inner.py", "from . import deep\nx = 1\n")
        _write(f"{folder}/pack/deep.py", "y = 1\n")
        _write(f"{folder}/other.py", folder)
    assert digest("one") == digest("two")
    for name in ("a.py", "pack/__init__.py", "pack/inner.py", "pack/deep.py"):
        before = digest("one")
        with Path("one", name).open("a") as file:
            file.write("# changed\n")
        assert digest("one") != before, name


def test_a_module_in_a_package_is_loaded_by_its_name() -> None:
    """So that its relative imports work."""
    _write("pack_of_test/__init__.py", "")
    _write("pack_of_test/sub.py", "from .other import value\ndef f(model): return value\n")
    _write("pack_of_test/other.py", "value = 5\n")
    (found,) = resolve("pack_of_test.sub:f")
    assert load(found)(None) == 5
    assert found.name == "pack_of_test.sub:f"


def test_a_source_that_has_changed_meanwhile_is_not_executed() -> None:
    """The key of the task is that of another plug-in."""
    _write("a.py", "def f(model): return 1\n")
    (found,) = resolve("a.py:f")
    assert load(found)(None) == 1
    _write("a.py", "def f(model): return 2\n")
    with pytest.raises(SolverError, match="has changed since the tasks were planned"):
        load(found)
    Path("a.py").unlink()
    with pytest.raises(SolverError, match="cannot be read: No such file"):
        load(found)


def test_what_is_no_function_is_refused() -> None:
    """A number, for example."""
    _write("a.py", "f = 3\n")
    with pytest.raises(SolverError, match="f is not a function"):
        load(resolve("a.py:f")[0])
