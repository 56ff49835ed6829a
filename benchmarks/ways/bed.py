"""The test bed: a tiny model, a folder for all that happens, and commands with their costs."""

from __future__ import annotations

import gzip
import json
import os
import random
import resource
import shutil
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

WAYS = Path(__file__).parent
PYTHON = Path(sys.executable)
OTHERS = ("BENCH_", "MLFLOW_", "PYTHONDONTWRITEBYTECODE")
"""What these begin is not passed on: an installed package has its bytecode, and so has this one."""
ENVIRONMENT = {
    **{name: value for name, value in os.environ.items() if not name.startswith(OTHERS)},
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "PATH": f"{PYTHON.parent}{os.pathsep}{os.environ['PATH']}",
}


@dataclass(slots=True)
class Row:
    """Overheads (s) of one way, and the CPU seconds of all its processes for each solve."""

    overheads: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)


class Rows(defaultdict[str, Row]):
    """A row for each way, by its name."""

    def __init__(self) -> None:
        """Start empty."""
        super().__init__(Row)


@dataclass(frozen=True, slots=True)
class Spent:
    """Wall and CPU seconds of a command and all that it started, and what it printed."""

    wall_s: float
    cpu_s: float
    printed: str


class Bed:
    """The folder in which everything happens: copies of the model, results, MLflow's store."""

    def __init__(self, folder: Path) -> None:
        """Write the model; nothing is executed yet."""
        self._folder = folder
        self._n = 0
        self.model = folder / "model.lp"
        self.model.write_text(model_text())
        self.database = folder / "mlflow.db"

    def new(self) -> Path:
        """Return a new empty folder."""
        self._n += 1
        new = self._folder / str(self._n)
        new.mkdir()
        return new

    def copies(self, n: int) -> Path:
        """Return a folder with as many copies of the model under different names."""
        folder = self.new()
        for number in range(n):
            shutil.copy(self.model, folder / f"copy{number}.lp")
        return folder

    def execute(self, command: Sequence[str], folder: Path) -> Spent:
        """Execute a command in a folder, or stop with what it printed where it fails."""
        store = {"MLFLOW_TRACKING_URI": f"sqlite:///{self.database}"}
        work = {
            "BENCH_WORK_DIR": str(folder / "work"),
            "BENCH_SOLVERS_DIR": str(self._folder / "solvers"),
        }
        cpu, start = cpu_of_children(), time.perf_counter()
        done = subprocess.run(
            command,
            cwd=folder,
            env=ENVIRONMENT | store | work,
            capture_output=True,
            text=True,
            check=False,
        )
        wall = time.perf_counter() - start
        if done.returncode:
            raise SystemExit(f"{command} failed:\n{done.stdout}{done.stderr}")
        with suppress(ChildProcessError):
            while True:
                os.wait()
        return Spent(wall, cpu_of_children() - cpu, done.stdout)


def words(*parts: str | Path) -> list[str]:
    """Return the words of a command as text."""
    return [str(part) for part in parts]


def model_text() -> str:
    """Return a knapsack problem with 15 items and 3 rows: a few milliseconds."""
    draw = random.Random(1)  # noqa: S311  the same problem each time
    items = range(15)
    rows = [[draw.randint(5, 60) for _ in items] for _ in range(3)]

    def total(weights: Sequence[int]) -> str:
        return " + ".join(f"{weight} x{i}" for i, weight in enumerate(weights))

    return "\n".join(
        (
            f"Maximize\n obj: {total([draw.randint(10, 90) for _ in items])}\nSubject To",
            *(f" r{k}: {total(row)} <= {sum(row) // 2}" for k, row in enumerate(rows)),
            f"Binary\n {' '.join(f'x{i}' for i in items)}\nEnd\n",
        )
    )


def cpu_of_children() -> float:
    """Return the CPU seconds of all processes that were waited for."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _content(file: Path) -> bytes:
    """Return the content of a file, which bench may have packed."""
    return gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes()


def solve_s(folder: Path, n: int = 1) -> float:
    """Return the sum of SCIP's solving times below a folder; there must be as many as given."""
    files = list(folder.rglob("statistics.json*"))
    if len(files) != n:
        raise SystemExit(f"{len(files)} solves below {folder} instead of {n}")
    found = [json.loads(_content(file))["timing"]["solving_time"] for file in files]
    return float(sum(found))
