"""The commands of the README and of the user guide work as they stand there."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from bench.cli.main import MODULES as SHOWN
from tests.templates import copied, made_once

ROOT = Path(__file__).parent.parent.parent
Shell = Callable[[str, Path], Any]
README = (ROOT / "README.md").read_text()
TEXT = README + (ROOT / "docs" / "guide.md").read_text()
BLOCKS = re.findall(r"^```(?:sh|console)\n(.*?)^```", TEXT, re.DOTALL | re.MULTILINE)
COMMANDS = list(
    dict.fromkeys(
        line.removeprefix("$ ").split("  #")[0].strip()
        for block in BLOCKS
        for line in block.splitlines()
        if line.removeprefix("$ ").startswith("bench ")
    )
)
ON_A_SWEEP = (
    "ls resume status show log sync ui compare gate plot report register promote serve export "
    "check db"
)
NEED_A_SWEEP = tuple(f"bench {name}" for name in ON_A_SWEEP.split())
SMALL = (
    "bench sweep model.mps instances/mkp-5x40.lp --name mine "
    "-p separating/maxrounds=0,5 --alpha 0.15,0.035"
)
ON_OTHER_PAGES = {
    "select": "how-to/choose-by-instance.md",
    "tune": "tuning.md",
    "worker": "how-to/cluster.md",
}
LONG = "bench sweep"
RESULTS = "instance,setting,seed,verdict,solve_time_s\n" + "".join(
    f"i{k},default,{seed},solved,{1 + k + seed / 10}\n" for k in range(12) for seed in (0, 1)
)

VERSIONS = "instance,setting,solver,solver_version,verdict,solve_time_s\n" + "".join(
    f"i{k},scip-{version},scip,{version},solved,{k + 1}\n"
    for k in range(12)
    for version in ("9.2.4", "10.0.2")
)


def shortened(command: str) -> str:
    """Return the command with an end that makes a long one short, and a promotion go through.

    One that ends when it is decided needs six instances.
    """
    if command.startswith("bench promote"):
        return f"{command} --force"
    if "--until" in command:
        command = command.replace("instances/quick.test", "instances/*.lp")
    return f"{command} --node-limit 1 --seeds 1" if command.startswith(LONG) else command


def marked(command: str) -> Any:
    """Return the shortened command as a parameter; the pages of ``bench ui`` have own tests."""
    marks = [pytest.mark.soak] if command.startswith("bench ui") else []
    return pytest.param(shortened(command), marks=marks)


def folder_for(command: str) -> str:
    """Return the fixture of the folder in which a command makes sense."""
    done_before = command.startswith(NEED_A_SWEEP) or "--setting-from" in command
    return "swept" if done_before else "cloned"


@pytest.fixture(scope="module")
def cloned(tmp_path_factory: pytest.TempPathFactory, knapsack_text: str) -> Path:
    """Return a folder like a clone in which the user has files of their own."""
    return made_once(tmp_path_factory, "cloned", partial(_clone, model=knapsack_text))


def _clone(folder: Path, model: str) -> None:
    """Fill it; the list of quick instances is a short one."""
    (folder / "models").mkdir()
    shutil.copytree(ROOT / "instances", folder / "instances")
    shutil.copytree(ROOT / "examples", folder / "examples")
    (folder / "instances" / "quick.test").write_text("gap-5x20.lp\nmkp-5x40.lp\n")
    (folder / "old.csv").write_text("problem,seconds,status,primal\nmodel,0.5,ok,-8\n")
    (folder / "versions.csv").write_text(VERSIONS)
    (folder / "short.solu").write_text("=opt= model -8\n")
    (folder / "last-month.csv").write_text(RESULTS)
    (folder / "model.mps").write_text(model)
    (folder / "my.set").write_text("separating/maxrounds = 0\n")
    (folder / "model.sol").write_text("a 1\nc 1\n")
    subprocess.run(["gzip", "-k", folder / "model.mps"], check=True)
    (folder / "model.mps.gz").rename(folder / "models" / "a.mps.gz")


@pytest.fixture(scope="module")
def swept(cloned: Path, shell: Shell, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of it in which a small sweep was executed, and a setting has its alias."""

    def sweep_and_register(folder: Path) -> None:
        shutil.copytree(cloned, folder, dirs_exist_ok=True)
        shell(SMALL, folder)
        for command in COMMANDS:
            if command.startswith(("bench register", "bench promote")):
                shell(shortened(command), folder)

    return made_once(tmp_path_factory, "swept", sweep_and_register)


def test_there_are_commands_to_test() -> None:
    """README and user guide show every command of bench but those that have pages of their own."""
    assert {command.split()[1] for command in COMMANDS} == set(SHOWN) - ON_OTHER_PAGES.keys()


@pytest.mark.parametrize("name", ON_OTHER_PAGES)
def test_a_command_is_shown_on_its_own_page(name: str) -> None:
    """In a block that can be copied."""
    page = (ROOT / "docs" / ON_OTHER_PAGES[name]).read_text()
    assert re.search(rf"\bbench {name} ", page)


@pytest.mark.slow
@pytest.mark.parametrize("command", list(map(marked, COMMANDS)))
def test_a_command_of_the_readme_succeeds(
    tmp_path: Path, request: pytest.FixtureRequest, shell: Shell, command: str
) -> None:
    """It ends with exit code 0 and prints something or writes its file."""
    source = request.getfixturevalue(folder_for(command))
    clone = copied(source, tmp_path / "clone")
    done = shell(command, clone)
    assert done.out or re.search(r"(-o|>) \S+$", command)


def test_ci_executes_the_test_command_of_the_readme() -> None:
    """The first line with pytest in the README is the one that .ci/run executes."""
    script = (ROOT / ".ci" / "run").read_text()
    assert "grep -m 1 'python -m pytest' README.md" in script
    command = next(line for line in README.splitlines() if "python -m pytest" in line)
    assert command.startswith("python3 -m venv .venv && . .venv/bin/activate && pip install")
