"""Other ways to execute a solve, each as its users do it."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.ways.bed import PYTHON, WAYS, Bed, Rows, solve_s, words

ROOT = WAYS.parent.parent
STATISTICS = "statistics.json"


class MissingError(Exception):
    """Why a rival cannot be measured."""


@dataclass(frozen=True, slots=True)
class Rival:
    """A way with a command for each solve, which leaves ``statistics.json`` in its folder.

    ``command`` gets the model and the folder.
    """

    name: str
    command: Callable[[Path, Path], list[str]]

    def measure(self, bed: Bed, rows: Rows) -> None:
        """Solve once."""
        folder = bed.new()
        spent = bed.execute(self.command(bed.model, folder), folder)
        rows[self.name].overheads.append(spent.wall_s - solve_s(folder))
        rows[self.name].cpu.append(spent.cpu_s)


def shell(model: Path, folder: Path) -> list[str]:
    """Return the command of the bare solver."""
    return words(PYTHON, WAYS / "scip_shell.py", model, folder / STATISTICS)


def fresh_python(model: Path, folder: Path) -> list[str]:
    """Return the command of a Python process that imports pyscipopt."""
    return words(PYTHON, WAYS / "fresh_python.py", model, folder / STATISTICS)


def mlflow_script(model: Path, folder: Path) -> list[str]:
    """Return the command of the smallest MLflow project."""
    params = ["-P", f"model={model}", "-P", f"statistics={folder / STATISTICS}"]
    return [*_mlflow_run(WAYS / "mlflow_project"), *params]


def mlflow_bench(model: Path, _: Path) -> list[str]:
    """Return the command of this project under MLflow, with one instance."""
    return [*_mlflow_run(ROOT), "-P", f"instances={model}"]


def _mlflow_run(project: Path) -> list[str]:
    return words(PYTHON.with_name("mlflow"), "run", project, "--env-manager", "local")


SHELL = Rival("scip shell, a process a solve", shell)
PYSCIPOPT = Rival("pyscipopt in a new Python a solve", fresh_python)
MLFLOW = (
    Rival("`mlflow run` of a plain script a solve", mlflow_script),
    Rival("`mlflow run .` of this project a solve", mlflow_bench),
)


def runexec(programs: Path) -> Rival:
    """Return BenchExec's runexec around the bare solver, or raise MissingError."""
    program = programs / "runexec"
    if not program.is_file():
        raise MissingError(f"runexec: not in {programs.name} of --rivals")
    prefix = words(program, "--no-container", "--quiet", "--output")
    trial = [*prefix, "/dev/null", "--", "true"]
    done = subprocess.run(trial, capture_output=True, text=True, check=False)
    if done.returncode:
        raise MissingError(f"runexec: does not work here: {done.stderr.strip()}")

    def command(model: Path, folder: Path) -> list[str]:
        return [*prefix, str(folder / "log"), "--", *shell(model, folder)]

    return Rival("BenchExec's runexec around the scip shell", command)


def lab(bed: Bed, rows: Rows, programs: Path, n: int) -> None:
    """Execute an experiment of Downward Lab with n runs, or raise MissingError.

    Only its step that executes counts, not the one that writes the experiment.
    """
    python = programs / "python"
    trial = words(python, "-c", "import lab.experiment")
    if not python.is_file() or subprocess.run(trial, capture_output=True, check=False).returncode:
        raise MissingError(f"Downward Lab: not in {programs.name} of --rivals")
    folder = bed.new()
    (folder / "command.json").write_text(json.dumps(shell(bed.model, Path())))
    script = words(python, WAYS / "lab_experiment.py", folder, str(n))
    bed.execute([*script, "build"], folder)
    spent = bed.execute([*script, "start"], folder)
    row = rows[f"Downward Lab around the scip shell, experiment of {n}"]
    row.overheads.append((spent.wall_s - solve_s(folder, n)) / n)
    row.cpu.append(spent.cpu_s / n)
