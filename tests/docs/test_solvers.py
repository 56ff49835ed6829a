"""docs/solvers.md: its commands work, and its numbers come out."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from bench.instances.generators.families import generate
from bench.instances.generators.linear_model import to_lp
from tests.commands import PROGRAMS, Run

TEXT = (Path(__file__).parent.parent.parent / "docs" / "solvers.md").read_text()
SERVER = "http://127.0.0.1:9"
"""Where nobody listens: results stay in the journal, which is what is read."""


def section(title: str) -> str:
    """Return the text of a section."""
    return TEXT[TEXT.index(f"## {title}") :].partition("\n## ")[0]


def commands(title: str) -> list[str]:
    """Return the commands of a section."""
    blocks = re.findall(r"^```console\n(.*?)^```", section(title), re.DOTALL | re.MULTILINE)
    return [line for block in blocks for line in re.findall(r"^\$ (.*)", block, re.MULTILINE)]


@pytest.mark.slow
def test_the_history_of_scip_in_the_open_energy_benchmark(
    shell: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, shared: Path, tmp_path: Path
) -> None:
    """The table of the page is what is printed, and no step is marked."""
    monkeypatch.setenv("MLFLOW_TRACKING_URI", SERVER)
    folder = shared / "tables" / "oet"
    rows = pd.read_csv(folder / "benchmark_results.csv")
    rows = rows.merge(pd.read_csv(folder / "metadata_slim.csv"), on="bench-size")
    chosen = (rows["Solver"] == "scip") & (rows["Variables"] < 1e6)
    rows[chosen].to_csv(tmp_path / "oet.csv", index=False)
    printed = [
        shell(f"{command} || test $? = 1", tmp_path).out
        for command in commands("Versions over time")[:2]
    ]
    blocks = section("Versions over time").split("```")[1::2]
    table = next(block for block in blocks if block.startswith("\n")).lstrip("\n")
    assert table in printed[-1]
    assert "*" not in table
    page = (tmp_path / "history.html").read_text()
    assert "<svg" in page
    assert "8.0.3" in page
    assert "http" not in page.replace("http://www.w3.org", "")


def test_the_sweep_file_of_the_page(
    bench: Run, scip_9: str, knapsack_text: str, tmp_path: Path
) -> None:
    """Each setting has the solvers that the page says."""
    (text,) = re.findall(
        r"^```yaml\n(.*?)^```", section("Versions side by side"), re.DOTALL | re.MULTILINE
    )
    (tmp_path / "versions.yaml").write_text(text)
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "a.mps").write_text(knapsack_text)
    planned = bench("plan", "versions.yaml", "--json", "--no-lint").json
    assert {*planned["by_setting"]} == {
        *(f"{name} {solver}" for name in ("stock", "cuts") for solver in (scip_9, "scip")),
        "lookahead scip",
        "other",
    }


GOOD = 'exec {python} "$@"\n'
BAD = """boot=$3
shift 3
exec {python} -I -c "import pyscipopt
class Slower(pyscipopt.Model):
    def optimize(self):
        self.setParam('separating/maxrounds', 0)
        self.setParam('presolving/maxrounds', 0)
        self.setParam('branching/random/priority', 100000)
        super().optimize()
pyscipopt.Model = Slower
$boot" "$@"
"""
"""A build that has become slower: SCIP with all that makes it fast turned off."""
BUILD = """mkdir -p env/bin
{ echo "#!/bin/sh"; cat interpreter; } > env/bin/python
chmod +x env/bin/python
"""
SIZES = {"resources": 5, "items": 24, "tightness": 50}


def script(title: str) -> str:
    """Return the shell script of a section."""
    (text,) = re.findall(r"^```sh\n(.*?)^```", section(title), re.DOTALL | re.MULTILINE)
    return str(text)


@pytest.mark.soak
def test_git_bisect_finds_the_commit_that_made_the_solver_slower(tmp_path: Path) -> None:
    """By the gate between two versions, with the scripts of the page as they are."""
    (tmp_path / "gate.sh").write_text(script("Check a new build against a release"))
    (tmp_path / "step.sh").write_text(script("Find the commit with git bisect"))
    repository = tmp_path / "solver"
    (repository / "models").mkdir(parents=True)
    for seed in range(10):
        model = generate("multidimensional_knapsack", SIZES, seed + 1)
        (repository / "models" / f"m{seed}.lp").write_text(to_lp(model))
    (repository / "build.sh").write_text("#!/bin/sh\n" + BUILD)
    (repository / "build.sh").chmod(0o755)
    (repository / ".gitignore").write_text("env\nbench-work\nmlflow.db\ngate.txt\n")
    environment = {
        **os.environ,
        "HOME": str(tmp_path),
        "PATH": PROGRAMS,
        "RELEASE": "scip",
        "MEASURE": "nodes",
        "BENCH_SOLVERS_DIR": str(tmp_path / "solvers"),
        "GIT_CONFIG_GLOBAL": "/dev/null",
    }

    def execute(*words: str) -> str:
        done = subprocess.run(
            words, cwd=repository, env=environment, capture_output=True, text=True, check=False
        )
        assert not done.returncode, done.stdout + done.stderr
        return done.stdout

    execute("git", "init", "-q")
    commits = []
    for number, interpreter in enumerate((GOOD, GOOD, GOOD, BAD, BAD)):
        (repository / "interpreter").write_text(interpreter.format(python=sys.executable))
        (repository / "number").write_text(f"{number}\n")
        execute("git", "add", ".")
        who = ("-c", "user.name=a", "-c", "user.email=a@b")
        execute("git", *who, "commit", "-qm", f"commit {number}")
        commits.append(execute("git", "rev-parse", "HEAD").strip())
    start, run = commands("Find the commit with git bisect")
    execute(*start.replace("BAD", commits[-1]).replace("GOOD", commits[0]).split())
    found = execute(*run.split())
    assert f"{commits[3]} is the first bad commit" in found
