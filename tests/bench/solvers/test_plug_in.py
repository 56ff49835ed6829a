"""A solver of another package that cannot even be asked is one line with its name and the cause."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from bench.errors import SolverError
from bench.solvers import registry
from bench.solvers.fake import Fake
from bench.solvers.listing import list_solvers
from tests.commands import Run


def raising(error: BaseException) -> Callable[..., Any]:
    """Return a function that raises."""

    def ask(*_: object) -> None:
        raise error

    return ask


BAD: dict[str, tuple[str, Any, str]] = {
    "no license": ("__init__", raising(OSError("no license")), "making it: OSError: no license"),
    "its end": ("__init__", raising(SystemExit(3)), "making it: SystemExit: 3"),
    "error": ("version", raising(ValueError("a\nb")), "its version: ValueError: a b"),
    "None": ("version", lambda _: None, "its version is None, expected a text"),
    "empty": ("version", lambda _: "", "its version is '', expected a text"),
    "colours": ("version", lambda _: "\x1b[31m1", "control characters"),
    "exit": ("version", raising(SystemExit(1)), "its version: SystemExit: 1"),
    "key": ("parameters", raising(KeyError("x")), "its parameters: KeyError: 'x'"),
    "list": ("parameters", lambda _: [], "its parameters are a list, expected a Catalogue"),
    "nothing": ("preload", None, "its preload is not the name of a module"),
}


@pytest.fixture(params=BAD)
def reason(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Register a solver that is bad in one way; return what is to be said of it."""
    what, value, words = BAD[request.param]
    kind = type("Bad", (Fake,), {what: value, "__module__": __name__, "name": "bad"})
    monkeypatch.setattr(f"{__name__}.Bad", kind, raising=False)
    monkeypatch.setitem(registry.BUILT_IN, "bad", f"{__name__}:Bad")
    return words


@pytest.mark.slow
def test_a_command_names_solver_and_cause_in_one_line(
    bench: Run, tmp_path: Any, reason: str
) -> None:
    """Before anything is executed; and it costs other solvers nothing."""
    (tmp_path / "k.lp").write_text("min\n x\nst\n a: x >= 2\nend\n")
    ended = bench("run", "k.lp", "--solver", "bad", "--no-mlflow", code=None)
    assert ended.code in {1, 2}
    assert ended.err.count("\n") == 1
    assert "bad" in ended.err
    assert reason in ended.err
    rows = {row.name: row for row in list_solvers()}
    assert rows["fake"].problem == ""
    assert rows["bad"].problem


def test_a_sound_solver_is_what_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    """It has all that its class has."""
    monkeypatch.setitem(registry.BUILT_IN, "third", "tests.plug_in_solvers:Third")
    found = registry.load("third")
    assert (found.name, found.version()) == ("third", registry.load("scip").version())
    assert len(found.parameters()) > 1000
    monkeypatch.setitem(registry.BUILT_IN, "broken", "tests.plug_in_solvers:Broken")
    with pytest.raises(SolverError, match="'broken' cannot be used: making it: OSError"):
        registry.load("broken")
