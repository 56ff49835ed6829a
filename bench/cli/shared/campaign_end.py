"""The last output of run, sweep and import: the progress, and where the results are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from bench.app.campaign.campaign_result import CampaignResult
from bench.app.campaign.delivery import delivering
from bench.journal import delivered

if TYPE_CHECKING:
    from bench.app.import_results import ImportResult


def nothing(_: object) -> None:
    """Show nothing yet: ``--json`` prints one object, once MLflow has the results."""


def interrupted(campaign: CampaignResult) -> Iterator[str]:
    """Yield what is missing after an interrupt: tasks without a result, records in MLflow.

    There may be no result to upload, but the end of its runs.
    """
    yield f"Interrupted: {campaign.progress}."
    if campaign.n_undelivered:
        reason = next(iter(campaign.failures), "")
        yield (
            f"The record in MLflow is incomplete{f' ({reason})' if reason else ''}; "
            f"complete it with: {delivering(campaign.folder)}"
        )


def where_recorded(done: CampaignResult | ImportResult) -> str:
    """Return the line with the place of the results."""
    if done.for_mlflow:
        return done.where.where_to_look(done.experiment_id)
    if delivered.n_undelivered(done.folder) == 0:
        return "Nothing new to record: all results were uploaded to MLflow before"
    return (
        f"Not recorded in MLflow (--no-mlflow); upload the results with: {delivering(done.folder)}"
    )
