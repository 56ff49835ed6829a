"""The one step from what click has read to the options object of the application."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from bench.cli.shared.argv import typed_arguments
from bench.cli.shared.terminal_listener import TerminalListener

T = TypeVar("T")


def read_options(kind: Callable[..., T], values: Mapping[str, Any], **derived: Any) -> T:
    """Return the options object: each option of click is the field of the same name.

    ``derived`` are fields that click does not read by itself. TypeError for a name that is no
    field: a command takes out what is its own (``--json`` and the like) by its signature.
    """
    return kind(**values, **derived, progress=TerminalListener())


def execution_context() -> dict[str, Any]:
    """Return what an execution takes from its process: what was typed, the run of ``mlflow run``.

    MLFLOW_RUN_ID is removed from the environment, so that no process of a task sees it.
    """
    return {"command": typed_arguments(), "run_id": os.environ.pop("MLFLOW_RUN_ID", None)}
