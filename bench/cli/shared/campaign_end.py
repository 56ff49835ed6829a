"""What run, sweep and import say at their end: how far they came, and where the results are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from bench.app.campaign.delivery import delivering
from bench.app.campaign.execute_plan import CampaignResult

if TYPE_CHECKING:
    from bench.app.import_results import ImportResult


def nothing(_: object) -> None:
    """Show nothing yet: ``--json`` prints one object, once MLflow has the results."""


def interrupted(campaign: CampaignResult) -> Iterator[str]:
    """Yield what an interrupt has left: tasks without a result, results that MLflow has not got."""
    yield f"Interrupted: {campaign.progress}."
    if campaign.n_undelivered:
        reason = next(iter(campaign.failures), "")
        yield (
            f"MLflow does not have all results yet{f' ({reason})' if reason else ''}; "
            f"record the rest with: {delivering(campaign.folder)}"
        )


def where_recorded(done: CampaignResult | ImportResult) -> str:
    """Return the line that says where the results are."""
    if done.for_mlflow:
        return done.where.where_to_look(done.experiment_id)
    return f"Not recorded in MLflow (--no-mlflow); deliver it with: {delivering(done.folder)}"
