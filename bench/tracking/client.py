"""How MLflow's client is to behave in this process."""

from __future__ import annotations

import getpass
import logging
import os
from contextlib import suppress

NOTE = "mlflow.note.content"
"""The tag that MLflow shows as the description of a run."""

_LOUD = ("mlflow.store.db.utils", "mlflow.system_metrics")


def set_up_client() -> None:
    """Keep MLflow quiet, and let it ask once only and not for minutes.

    A request that it repeats by itself may have been carried out the first time; who repeats it
    here looks first. What the user has set stays.
    """
    os.environ["MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT"] = "true"
    os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", "30")
    if "MLFLOW_LOGGING_LEVEL" not in os.environ:
        logging.getLogger("mlflow").setLevel(logging.WARNING)
        logging.getLogger("alembic").setLevel(logging.WARNING)
        for name in _LOUD:
            logging.getLogger(name).setLevel(logging.CRITICAL)


def source_tags() -> dict[str, str]:
    """Return who writes a run, in MLflow's own tags."""
    tags = {"mlflow.source.name": "bench", "mlflow.source.type": "LOCAL", "mlflow.user": "unknown"}
    with suppress(OSError, KeyError):
        tags["mlflow.user"] = getpass.getuser()
    return tags
