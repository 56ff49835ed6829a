"""Making environments and making known those of others; what goes wrong is one line."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from bench.errors import BenchError, SolverError, UsageError
from bench.solvers import readers, registry
from bench.solvers.environments import environment, make
from bench.solvers.environments.interpreter import variables
from bench.solvers.environments.pythons import interpreters

Program = Callable[[str], Path]
NO_WHEEL = "Because pyscipopt==5.7.1 has no usable wheels and you require it"
NO_VERSION = "Because there is no version of highspy==1.8.7 and you require highspy==1.8.7"
NO_TRUST = (
    "error: Failed to fetch: https://pypi.org/simple/highspy/\n  cause: error sending request\n"
    "  cause: invalid peer certificate: UnknownIssuer\n\nhint: Consider enabling system-certs"
)
NO_INDEX = "error: Failed to fetch: https://pypi.org/simple/pyscipopt/ dns error"


@pytest.fixture
def program(tmp_path: Path) -> Program:
    """Return a function that makes a program of a shell script."""

    def made(script: str) -> Path:
        path = tmp_path / f"program{len(list(tmp_path.iterdir()))}"
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)
        return path

    return made


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an empty folder of environments, for this test alone."""
    monkeypatch.setenv(environment.VARIABLE, str(tmp_path / "solvers"))
    return tmp_path / "solvers"


@pytest.mark.slow
def test_an_interpreter_of_ones_own_is_known_by_its_name(here: Path) -> None:
    """With the version that its solver reports, until it is forgotten."""
    added = make.add_python("mine", Path(sys.executable), solver="highs")
    solver = registry.load("mine")
    assert solver.version() == registry.load("highs").version() == added.description.version
    assert solver.parameters().keys() == registry.load("highs").parameters().keys()
    with pytest.raises(UsageError, match=r"unknown solver 'mosek'; known: .*mine"):
        registry.load("mosek")
    assert registry.declaration("mine").code_base == "highs"
    assert "mine" in registry.names()
    make.remove("mine")
    assert not (here / "mine").exists()
    assert Path(sys.executable).exists()
    with pytest.raises(UsageError, match="unknown solver 'mine'"):
        registry.load("mine")


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("exit 0", "not a Python interpreter"),
        ("echo oops >&2; exit 3", r"not a Python interpreter .*oops"),
        ("echo 3.8 >&2; exit 87", "is Python 3.8, and bench needs 3.11"),
        (f'[ "$1" = -I ] && exec {sys.executable} -S "$@"', "has no package of a solver"),
    ],
)
def test_an_interpreter_that_cannot_be_used_is_refused(
    here: Path, program: Program, script: str, words: str
) -> None:
    """What is none, is too old, or has no solver."""
    with pytest.raises(SolverError, match=words):
        make.add_python("mine", program(script))
    assert not environment.names()
    assert not (here / "mine").exists()


@pytest.mark.slow
@pytest.mark.usefixtures("here")
def test_an_interpreter_of_ones_own_is_asked_anew() -> None:
    """It may have been built again; what is recorded of it follows."""
    added = make.add_python("mine", Path(sys.executable), solver="highs")
    before = replace(added, description=replace(added.description, version="0.0.1"))
    environment.write(before, added.catalogue())
    assert registry.load("mine").version() == added.description.version
    assert environment.find("mine") == added


def test_a_version_is_of_the_code_base_of_its_family() -> None:
    """Whether it is here or not, so that none confirms another."""
    assert readers.code_base("scip@8.0.3") == "scip"
    assert not readers.are_independent("scip@8.0.3", "scip")
    assert next(readers.candidates("highs@1.8.1")) == "scip"


@pytest.mark.slow
@pytest.mark.usefixtures("here")
def test_a_name_says_nothing_false(tmp_path: Path) -> None:
    """Names of the solvers beside bench are taken, and a family is that of the interpreter."""
    python = Path(sys.executable)
    for name in ("scip", "../mine", "a b", ".venvs", ""):
        with pytest.raises(UsageError, match="name"):
            make.add_python(name, python)
    with pytest.raises(UsageError, match="no such file"):
        make.add_python("mine", tmp_path / "nowhere")
    with pytest.raises(UsageError, match="choose one with --solver scip or --solver highs"):
        make.add_python("mine", python)
    with pytest.raises(UsageError, match="has highs, not scip"):
        make.add_python("scip@trunk", python, solver="highs")


@pytest.mark.parametrize(
    ("text", "error", "words"),
    [
        ("scip==9.2.4", NO_WHEEL, "no wheel for the Python versions on this machine"),
        ("highs==1.8.7", NO_VERSION, "nearest: highs==1.8.1 and highs==1.9.0"),
        (
            "pyscipopt==5.8.0",
            NO_VERSION.replace("highspy==1.8.7", "pyscipopt==5.8.0"),
            "nearest: pyscipopt==5.7.1 and pyscipopt==6.0.0",
        ),
        ("scip==9.2.4", NO_INDEX, "the package index cannot be reached"),
        ("scip==9.2.4", NO_TRUST, r"cannot be reached \(invalid peer certificate: UnknownIssuer\)"),
        ("scip==9.2.4", "error: No space left on device", "No space left on device"),
    ],
)
def test_what_uv_cannot_install_is_one_line_and_leaves_nothing(
    here: Path,
    program: Program,
    monkeypatch: pytest.MonkeyPatch,
    text: str,
    error: str,
    words: str,
) -> None:
    """No wheel, no version, no network, no space."""
    uv = program(f'[ "$1" = pip ] || exit 0\necho "{error}" >&2; exit 1')
    monkeypatch.setattr(make, "find_uv", lambda: str(uv))
    with pytest.raises(SolverError, match=words) as raised:
        make.add_version(text, lambda _: None)
    assert "\n" not in str(raised.value)
    assert not environment.names()
    assert not [path for path in (here / make.PLACES).iterdir() if path.is_dir()]


@pytest.mark.usefixtures("here")
def test_a_conda_environment_needs_conda(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """And a text that names a solver and a version."""
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SolverError, match="none of micromamba, mamba, conda is on the path"):
        make.add_conda(None, "scip=8.0.3", lambda _: None)
    with pytest.raises(UsageError, match="expected scip=VERSION"):
        make.add_conda(None, "scip", lambda _: None)


@pytest.mark.usefixtures("here")
def test_conda_makes_an_environment_of_the_version(
    program: Program, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """By the first of its programs on the path; this one makes an interpreter without packages."""
    script = (
        f'mkdir -p "$5/bin"; ln -s {sys.executable} "$5/bin/python"; echo "$@" > {tmp_path}/said'
    )
    program(script).rename(tmp_path / "mamba")
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    with pytest.raises(SolverError, match="has no module 'highspy'"):
        make.add_conda(None, "highs=1.2.3", lambda _: None)
    assert "highspy=1.2.3" in (tmp_path / "said").read_text()
    assert not make.venv_folder("highs=1.2.3").exists()


@pytest.mark.usefixtures("here")
def test_a_damaged_record_says_how_to_get_rid_of_it() -> None:
    """And is no reason to fail for anything else."""
    make.add_python("mine", Path(sys.executable), solver="highs")
    record = environment.folder("mine") / environment.RECORD
    record.write_text(json.dumps({"name": "mine"}))
    with pytest.raises(SolverError, match="bench solvers remove mine"):
        registry.load("mine")
    assert list(make.known()) == []
    make.remove("mine")
    with pytest.raises(UsageError, match="no solver 'mine'"):
        make.remove("mine")


def test_a_version_that_is_not_here_says_how_to_add_it() -> None:
    """Nothing is installed without being asked."""
    with pytest.raises(BenchError, match=r"add it with: bench solvers add scip==9\.1\.0"):
        registry.load("scip@9.1.0")


def test_variables_that_lead_to_other_libraries_are_left_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What an environment needs itself is said when it is added."""
    for name in ("PYTHONPATH", "PYTHONHOME", "LD_LIBRARY_PATH", "VIRTUAL_ENV", "CONDA_PREFIX"):
        monkeypatch.setenv(name, "/somewhere")
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    left = variables({"LD_LIBRARY_PATH": "/opt/scip/lib"})
    assert left["OMP_NUM_THREADS"] == "1"
    assert left["LD_LIBRARY_PATH"] == "/opt/scip/lib"
    assert not {"PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "CONDA_PREFIX"} & left.keys()


def test_the_python_of_bench_is_tried_first() -> None:
    """Then the newest of those that it can use, one for each minor version."""
    found = interpreters("/nonexistent/uv", {})
    assert found[0].path == Path(sys.executable)
    assert len({each.minor for each in found}) == len(found)
    assert all(each.minor >= (3, 11) for each in found)
