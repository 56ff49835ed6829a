"""Convert the values of click to the options object of the application."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from bench.cli.shared.argv import typed_arguments
from bench.cli.shared.terminal_listener import TerminalListener

T = TypeVar("T")


def read_options(kind: Callable[..., T], values: Mapping[str, Any], **derived: Any) -> T:
    """Return the options object: each option of click sets the field of the same name.

    ``derived`` are fields that click does not read by itself. TypeError for an unknown field:
    options of the command alone (``--json`` and the like) are in its signature.
    """
    return kind(**values, **derived, progress=TerminalListener())


def execution_context() -> dict[str, Any]:
    """Return what an execution gets from its process: the command line, the run of ``mlflow run``.

    MLFLOW_RUN_ID is removed from the environment, so that no process of a task sees it.
    """
    return {"command": typed_arguments(), "run_id": os.environ.pop("MLFLOW_RUN_ID", None)}
