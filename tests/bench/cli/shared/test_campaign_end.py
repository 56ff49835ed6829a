"""The line about the place of the results."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from bench.cli.shared.campaign_end import where_recorded
from bench.journal import delivered
from tests.bench.conftest import MakeCampaign


def test_results_that_were_uploaded_before_are_not_called_unrecorded(
    make_campaign: MakeCampaign,
) -> None:
    """A finished sweep that is executed again with --no-mlflow, after bench sync."""
    folder = make_campaign("cuts")
    done: Any = SimpleNamespace(for_mlflow=False, folder=folder)
    assert where_recorded(done).startswith("Not recorded in MLflow (--no-mlflow); upload the")
    delivered.remember(folder, "sqlite:///mlflow.db", 0.0)
    assert where_recorded(done).startswith("Nothing new to record: all results were uploaded")
