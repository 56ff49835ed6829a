"""``bench solvers``: what there is, what can be added, and what cannot."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import pytest

from bench.solvers.environments import environment
from tests.commands import Run

pytestmark = pytest.mark.usefixtures("without_mlflow")


@pytest.fixture
def _apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Use a folder of environments that no other test knows."""
    monkeypatch.setenv(environment.VARIABLE, str(tmp_path / "solvers"))


@pytest.mark.slow
@pytest.mark.usefixtures("_apart")
def test_an_environment_of_ones_own_is_added_listed_used_and_removed(
    bench: Run, knapsack: Path
) -> None:
    """As a user would."""
    added = bench("solvers", "add", "mine", "--python", sys.executable, "--solver", "scip")
    assert added.out.startswith("mine: scip ")
    assert "bench solvers check mine" in added.err
    rows = {row["name"]: row for row in bench("solvers", "list", "--json").json}
    assert rows["mine"]["version"] == rows["scip"]["version"]
    assert rows["mine"]["abilities"] == rows["scip"]["abilities"]
    assert rows["mine"]["source"] == sys.executable
    assert rows["highs"]["abilities"]["deterministic_time"] is False
    done = bench("run", knapsack, "--solver", "mine", "--json", "--no-lint").json
    assert done["setting"]["solver"] == "mine"
    (result,) = done["results"]
    assert (result["solver"], result["primal_bound"]) == ("mine", -8)
    assert result["verification_independent"]
    assert bench("solvers", "remove", "mine").out == "mine removed\n"
    assert "mine" not in bench("solvers", "list").out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["add"], "no solver was given"),
        (["add", "scip==9.2"], "may be scip==9.2.1"),
        (["add", "mine", "--python", "/nowhere"], "no such file"),
        (["add", "--python", sys.executable], "needs a new name"),
        (["add", "scip==9.2.4", "--solver", "scip"], "--solver belongs to --python"),
        (["add", "mine", "--python", "x", "--conda", "scip=8.0.3"], "exclude each other"),
        (["add", "mine", "--python", sys.executable, "--env", "X"], "expected NAME=VALUE"),
        (["remove", "mine"], "no solver 'mine'"),
        (["check", "scip@8.0.3"], "add it with: bench solvers add scip==8.0.3"),
        (["freeze", "mine"], "no environment 'mine'"),
        (["restore", "nowhere.json"], "cannot be read"),
    ],
)
@pytest.mark.usefixtures("_apart")
def test_bad_input_is_one_line(bench: Run, words: list[str], message: str) -> None:
    """With what to do."""
    ended = bench("solvers", *words, code=2)
    assert message in ended.err
    assert ended.err.count("\n") == 1


LOCKED = {
    "name": "scip@9.2.4",
    "solver": "scip",
    "version": "9.2.4",
    "requirement": "pyscipopt==5.7.1",
    "python_version": "3.11.7",
    "packages": ["pyscipopt==5.7.1 \\", f"    --hash=sha256:{'0' * 64}"],
}


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        '{"solvers": 3}',
        '{"solvers": [{"name": "x"}]}',
        *(
            json.dumps({"solvers": [LOCKED | changed]})
            for changed in (
                {"name": "../elsewhere"},
                {"name": "scip"},
                {"requirement": "../../elsewhere"},
                {"requirement": "other==1.0"},
                {"packages": ["--index-url https://elsewhere"]},
                {"packages": ["pyscipopt @ file:///elsewhere"]},
            )
        ),
    ],
)
@pytest.mark.usefixtures("_apart")
def test_a_file_that_is_no_lock_file_restores_nothing(
    bench: Run, tmp_path: Path, content: str
) -> None:
    """Whatever it holds: nothing outside of the folder is touched, nothing else is installed."""
    (tmp_path / "lock.json").write_text(content)
    ended = bench("solvers", "restore", "lock.json", code=2)
    assert ended.err.count("\n") == 1
    assert not (tmp_path / "elsewhere").exists()
    assert environment.names() == []


@pytest.mark.slow
def test_a_version_is_added_once(bench: Run, scip_9: str) -> None:
    """And a frozen file brings back the same packages; here they are still there."""
    again = bench("solvers", "add", "scip==9.2.4")
    assert again.err.startswith(f"{scip_9} is already installed\n")
    assert again.out == "scip@9.2.4: scip 9.2.4, Python 3.11.7\n".replace(
        "3.11.7", environment_python(scip_9)
    )


def environment_python(name: str) -> str:
    """Return the version of Python that an environment has."""
    found = environment.find(name)
    assert found is not None
    return found.description.python_version


def test_parameters_of_two_versions_are_compared(bench: Run, scip_9: str) -> None:
    """What came, went, and changed its default or range."""
    done = bench("params", "--diff", scip_9, "scip", "--json")
    changes = {change["name"]: change for change in done.json}
    assert f"changes from {scip_9} to scip 10." in done.err
    kinds = {kind for change in changes.values() for kind in change["changes"]}
    assert {"new", "gone", "default", "range"} <= kinds
    for change in changes.values():
        assert (change["before"] is None) == ("new" in change["changes"])
        assert (change["after"] is None) == ("gone" in change["changes"])
    shown = bench("params", "limits/*", "--diff", scip_9, "scip")
    assert all(line.startswith(("limits/", "    ")) for line in shown.out.splitlines())
    assert bench("params", "--diff", "scip", "scip").err.endswith(": none\n")
    refused = bench("params", "--diff", "scip", "scip@9.1.0", code=2)
    assert "add it with: bench solvers add scip==9.1.0" in refused.err


@pytest.mark.soak
def test_an_environment_is_frozen_and_restored(
    bench: Run, scip_9: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With every hash; a hash that is wrong is refused."""
    bench("solvers", "freeze", scip_9, "-o", "lock.json")
    frozen = json.loads((tmp_path / "lock.json").read_text())
    assert any("--hash=sha256:" in line for line in frozen["solvers"][0]["packages"])
    monkeypatch.setenv(environment.VARIABLE, str(tmp_path / "elsewhere"))
    assert bench("solvers", "restore", "lock.json").out == "scip@9.2.4: scip 9.2.4\n"
    monkeypatch.setenv(environment.VARIABLE, str(tmp_path / "third"))
    wrong = [
        re.sub("sha256:[0-9a-f]{64}", f"sha256:{'0' * 64}", line)
        for line in frozen["solvers"][0]["packages"]
    ]
    frozen["solvers"][0]["packages"] = wrong
    (tmp_path / "lock.json").write_text(json.dumps(frozen))
    assert "cannot be restored" in bench("solvers", "restore", "lock.json", code=1).err
    assert environment.names() == []


@pytest.mark.soak
@pytest.mark.parametrize("text", ["scip==9.0.1", "scip==9.1.1", "scip==9.2.4", "highs==1.8.1"])
def test_older_versions_solve_what_is_known(bench: Run, text: str) -> None:
    """Each with all that list says of it."""
    added = bench("solvers", "add", text, "--json").json
    assert added["description"]["abilities"]["integral"]
    checked = bench("solvers", "check", added["name"], "--json").json
    assert {row["verdict"] for row in checked} == {"solved"}
