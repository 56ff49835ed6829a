"""A library that cannot be imported is named with the cause, whatever it does."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from bench.errors import SolverError
from bench.model.parameters import Catalogue
from bench.solvers import trial_import
from bench.solvers.library_facts import LibraryFacts, library_facts
from bench.solvers.trial_import import import_problem

BAD = {
    "raise RuntimeError('boom')": "importing badlib fails: RuntimeError: boom",
    "raise ImportError('two\\nlines')": "importing badlib fails: ImportError: two lines",
    "raise KeyboardInterrupt": "importing badlib fails: KeyboardInterrupt: ",
    "x = (": "importing badlib fails: SyntaxError: '(' was never closed (badlib.py, line 1)",
    "import sys; sys.exit(3)": "importing badlib fails: it ends the process (exit code 3)",
    "import os; os._exit(4)": "importing badlib ends the process: exit code 4",
    "import os; print('done'); os._exit(0)": "importing badlib ends the process: exit code 0",
    "import os; os.abort()": "importing badlib ends the process: SIGABRT",
    "import time; time.sleep(600)": "importing badlib does not end within 1.5 s",
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder from which modules are imported."""
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    return tmp_path


@pytest.mark.parametrize("text", BAD)
def test_the_library_and_the_cause_are_named(
    folder: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    """In one line, without ending this process."""
    if "sleep" in text:
        monkeypatch.setattr(trial_import, "LONGEST_S", 1.5)
    (folder / "badlib.py").write_text(f"{text}\n")
    assert import_problem("badlib") == BAD[text].strip()


def test_the_outermost_library_is_named(folder: Path) -> None:
    """Neither what imports it, nor what it fails at in turn."""
    (folder / "badlib.py").write_text(
        "try:\n import nowhere\nexcept ImportError: pass\nimport deep\n"
    )
    (folder / "deep.py").write_text("import os; os._exit(1)\n")
    problem = import_problem("badlib")
    assert problem == "importing badlib ends the process: exit code 1"


def test_a_module_that_can_be_imported_has_no_problem(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor has one where the machine has no process for the trial."""
    (folder / "badlib.py").write_text("print('+x')\n")
    assert import_problem("badlib") is None
    monkeypatch.setattr(subprocess, "Popen", _no_process)
    (folder / "badlib.py").write_text("raise RuntimeError\n")
    assert import_problem("badlib") is None


def _no_process(*_: object, **__: object) -> None:
    raise BlockingIOError


def test_a_solver_with_such_a_library_cannot_be_loaded(folder: Path) -> None:
    """Whoever asks for its version goes on."""
    (folder / "badlib.py").write_text("import os; os._exit(1)\n")
    with pytest.raises(SolverError, match="'my' cannot be loaded: importing badlib ends"):
        library_facts("my", "badlib", (), lambda: LibraryFacts("", Catalogue([])))


def test_a_library_that_is_not_what_was_expected_cannot_be_used(folder: Path) -> None:
    """It can be imported, and has not what is asked of it."""
    (folder / "badlib.py").write_text("")

    def read() -> LibraryFacts:
        raise AttributeError("no 'version'")

    with pytest.raises(SolverError, match="'my' cannot be loaded: AttributeError: no 'version'"):
        library_facts("my", "badlib", (), read)
