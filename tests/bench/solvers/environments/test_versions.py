"""Older versions do what they do by themselves, and any interpreter from 3.11 on will do."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from bench.errors import SolverError
from bench.execution.local import LocalExecutor
from bench.execution.protocol import ExecutorConfig, execute_tasks
from bench.model.limits import Limits
from bench.model.task import Task
from bench.solvers import registry
from bench.solvers.environments import environment, make
from bench.solvers.environments.pythons import interpreters

pytestmark = [pytest.mark.soak, pytest.mark.usefixtures("fork_server")]

BARE = """
import json, sys
from pyscipopt import Model
found = []
for path in sys.argv[1:]:
    model = Model()
    model.hideOutput()
    model.readProblem(path)
    model.optimize()
    value = model.getObjVal() if model.getStatus() == "optimal" else None
    found.append([model.getStatus(), value, model.getNTotalNodes(), model.getNLPIterations()])
print(json.dumps(found))
"""
UNBOUNDED = "arbitrage-4.mps.gz"
"""Versions before 9.2 do not read it."""


@pytest.fixture
def executed(tmp_path: Path) -> Callable[[str, list[Task]], list[list[object]]]:
    """Return a function that says what comes of tasks in an environment."""

    def execute(solver: str, tasks: list[Task]) -> list[list[object]]:
        version = registry.load(solver).version()
        own = [
            replace(task, setting=replace(task.setting, solver=solver), solver_version=version)
            for task in tasks
        ]
        executor = LocalExecutor(ExecutorConfig(folder=tmp_path / solver))
        outcomes = {
            outcome.task.instance.path: outcome.answer for outcome in execute_tasks(executor, own)
        }
        answers = [outcomes[task.instance.path] for task in own]
        for answer in answers:
            assert answer.deterministic_time is not None
            assert answer.primal_dual_integral is not None
        return [
            [each.status, each.primal_bound, each.n_nodes, each.n_lp_iterations] for each in answers
        ]

    return execute


@pytest.mark.parametrize("version", ["9.0.1", "9.1.1", "9.2.4", "10.0.2"])
def test_answers_and_effort_are_those_of_a_bare_script(
    version: str,
    root: Path,
    scip_task: Callable[..., Task],
    executed: Callable[[str, list[Task]], list[list[object]]],
) -> None:
    """Status, value, nodes and LP iterations of the quick list."""
    added = make.add_version(f"scip=={version}", lambda _: None)
    names = (root / "instances" / "quick.test").read_text().split()
    paths = [root / "instances" / name for name in names if name != UNBOUNDED]
    done = subprocess.run(
        [added.python, "-I", "-c", BARE, *paths], capture_output=True, text=True, check=True
    )
    bare = json.loads(done.stdout.splitlines()[-1])
    unlimited = Limits(time_s=None, memory_mib=None)
    ours = executed(added.name, [scip_task(path, limits=unlimited) for path in paths])
    for path, expected, found in zip(paths, bare, ours, strict=True):
        assert found == [expected[0], pytest.approx(expected[1]), *expected[2:]], path.name


@pytest.mark.parametrize("minor", [11, 12, 13])
def test_any_interpreter_from_3_11_on_will_do(
    minor: int,
    tmp_path: Path,
    root: Path,
    scip_task: Callable[..., Task],
    executed: Callable[[str, list[Task]], list[list[object]]],
) -> None:
    """Those that are here."""
    uv, env = make.find_uv(), make.uv_variables()
    found = [each for each in interpreters(uv, env) if each.minor == (3, minor)]
    if not found:
        pytest.skip(f"Python 3.{minor} is not installed on this machine")
    (environment.root() / make.PLACES).mkdir(parents=True, exist_ok=True)
    python = make.make_venv(uv, found[0].path, tmp_path / "venv")
    words = ["pip", "install", "--only-binary", ":all:", "--python", str(python)]
    done = make.run_program([uv, *words, "pyscipopt==5.7.1"], env)
    assert not done.returncode, done.stderr
    name = make.add_python(f"python3.{minor}", python).name
    task = scip_task(root / "instances" / "mkp-5x40.lp")
    assert executed(name, [task]) == [["optimal", pytest.approx(17487), 59, 725]]


def test_a_version_without_a_wheel_for_the_first_python_gets_another(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """PySCIPOpt 5.0.1 has none for Python 3.13."""
    here = interpreters(make.find_uv(), make.uv_variables())
    by_minor = {each.minor: each for each in here}
    if (3, 13) not in by_minor:
        pytest.skip("Python 3.13 is not installed on this machine")
    monkeypatch.setenv(environment.VARIABLE, str(tmp_path / "solvers"))
    order = [by_minor[3, 13], here[0]]
    monkeypatch.setattr(make, "interpreters", lambda *_: order)
    added = make.add_version("scip==9.0.1", lambda _: None)
    assert added.description.python_version == here[0].version
    monkeypatch.setattr(make, "interpreters", lambda *_: order[:1])
    make.remove(added.name)
    with pytest.raises(SolverError, match="no wheel for the Python versions on this machine"):
        make.add_version("scip==9.0.1", lambda _: None)
