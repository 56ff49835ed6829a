"""Let the processes of a loaded model find bench."""

from __future__ import annotations

import os
from pathlib import Path

import bench


def let_children_find_bench() -> None:
    """Let the fork server import the same bench as this process.

    MLflow adds the bench in the model only to the import path of this process.
    """
    root = str(Path(bench.__file__).parent.parent)
    others = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    os.environ["PYTHONPATH"] = os.pathsep.join([root, *filter(None, others)])
