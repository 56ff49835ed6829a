"""The configuration of MLflow's client in this process."""

from __future__ import annotations

import getpass
import logging
import os
from contextlib import suppress

NOTE = "mlflow.note.content"
"""The tag that MLflow shows as the description of a run."""

_LOUD = ("mlflow.store.db.utils", "mlflow.system_metrics")


def set_up_client() -> None:
    """Silence MLflow, and make it send each request only once and not retry for minutes.

    A request that failed may have been carried out; the code here looks before it repeats it.
    Values that the user has set are kept.
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
    """Return MLflow's own tags about the author of a run."""
    tags = {"mlflow.source.name": "bench", "mlflow.source.type": "LOCAL", "mlflow.user": "unknown"}
    with suppress(OSError, KeyError):
        tags["mlflow.user"] = getpass.getuser()
    return tags
