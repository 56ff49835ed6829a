"""The invalid answers and files that the fake solver can produce."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from bench.model.results.solver_output import SolverOutput
from bench.model.workspace import Workspace

Answer = Callable[[SolverOutput, Workspace], Any]


def _with(**fields: Any) -> Answer:
    return lambda answer, _: replace(answer, **fields)


def _numpy(answer: SolverOutput, _: Workspace) -> SolverOutput:
    import numpy as np  # noqa: PLC0415 - for this answer alone

    numbers: dict[str, Any] = {"primal_bound": np.float64(42), "n_nodes": np.int64(1)}
    return replace(answer, **numbers, gap=np.float32(0))  # type: ignore[arg-type]


def _pipe(name: str) -> Answer:
    def leave(answer: SolverOutput, workspace: Workspace) -> SolverOutput:
        _remove(workspace.folder / name)
        os.mkfifo(workspace.folder / name)
        return answer

    return leave


def _folder(name: str) -> Answer:
    def leave(answer: SolverOutput, workspace: Workspace) -> SolverOutput:
        _remove(workspace.folder / name)
        (workspace.folder / name).mkdir()
        return answer

    return leave


def _without_folder(answer: SolverOutput, workspace: Workspace) -> SolverOutput:
    shutil.rmtree(workspace.folder)
    return answer


def _remove(path: Path) -> None:
    path.unlink(missing_ok=True)


ANSWERS: Mapping[str, Answer] = {
    "good": lambda answer, _: answer,
    "numpy": _numpy,
    "none": lambda *_: None,
    "dict": lambda *_: {"status": "optimal"},
    "text_for_number": _with(n_nodes="many"),
    "object": _with(primal_bound=object()),
    "surrogate": _with(status="optimal\ud800"),
    "huge_count": _with(n_nodes=10**32),
    "endless_time": _with(solve_time_s=1e300),
    "no_trace": _with(trace=None),
    "large": _with(reader_warnings=("x" * 2**20,) * 2),
    "pipe_for_log": _pipe("solver.log"),
    "folder_for_log": _folder("solver.log"),
    "pipe_for_solution": _pipe("solution.sol"),
    "pipe_for_verification": _pipe("verification.json"),
    "folder_for_report": _folder("solverreport.json"),
    "no_folder": _without_folder,
}
"""Answers by name; ``good`` is the default."""
