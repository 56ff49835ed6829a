"""An alias moves to a version of a model, on the evidence of a comparison."""

from __future__ import annotations

from dataclasses import dataclass, field

from bench.app.analysis.sources import ComparisonOptions
from bench.app.options import StoreOptions
from bench.app.registry.evidence import (
    AGAINST,
    APPROVED,
    BASELINE,
    MEASURE,
    PENDING,
    REJECTED,
    RUN_IDS,
    SETTING,
    STATUS,
    gather_evidence,
)
from bench.comparison.wording.narrative import Conclusion, ConclusionKind
from bench.errors import UsageError
from bench.model.registered_setting import from_json

CHAMPION = "champion"
FORCED = "bench.promoted_by_force"
"""The tag that says why a version should not have been given its alias, and was."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PromoteOptions(StoreOptions):
    """Which version of a model is promoted, and how.

    - ``model``, ``version``: name of the model in the registry, and the number of its version
    - ``alias``: the alias that moves to it
    - ``force``: move the alias whatever the evidence; a tag of the version says so
    """

    model: str = field(kw_only=False)
    version: int = field(kw_only=False)
    alias: str = CHAMPION
    force: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Promotion:
    """What came of it: whether the alias has ``moved``, and what the evidence says.

    ``conclusion`` is None where no comparison is behind the version, and then ``reason`` says why;
    ``forced`` where the alias has moved in spite of it. ``notes`` are worth knowing.
    """

    model: str
    version: int
    alias: str
    moved: bool
    forced: bool
    conclusion: Conclusion | None
    reason: str
    notes: tuple[str, ...] = ()

    @property
    def speaks_against(self) -> bool:
        """Whether the evidence is not only too little, but against the version."""
        return self.conclusion is not None and self.conclusion.outcome in AGAINST


def promote(options: PromoteOptions) -> Promotion:
    """Move an alias to a version if a comparison says that it is better than its baseline.

    The comparison is made anew, from the results of the runs in MLflow that the version's tags
    name; what the tags conclude is not believed. The version's ``validation-status`` becomes
    approved where it is better, rejected where it is worse or fails more, else pending; without
    any comparison it stays as it is. UsageError where there is no such version, TrackingError
    where the store cannot be reached: nothing has moved.
    """
    from bench.tracking import model_registry  # noqa: PLC0415  imports mlflow

    uri = options.given_uri()
    version = model_registry.find(uri, f"{options.model}/{options.version}")
    registered = from_json(model_registry.read_setting(uri, version), version.title)
    tags = version.tags
    found: Conclusion | None = None
    wanted: dict[str, str] = {}
    if not tags.get(RUN_IDS) or not tags.get(BASELINE):
        reason = (
            f"no comparison is behind {version.title}; execute {registered.setting.name!r} in a "
            "sweep beside its baseline and register it from there"
        )
    else:
        evidence = gather_evidence(
            ComparisonOptions(
                run_ids=tags[RUN_IDS].split(),
                tracking_uri=uri,
                baseline=tags[BASELINE],
                measure=tags.get(MEASURE, "solve"),
            ),
            registered,
        )
        found, wanted = evidence.conclusion, evidence.tags
        reason = found.sentence if found else f"{version.title} is the baseline itself"
    better = found is not None and found.outcome is ConclusionKind.BETTER
    if found is not None:
        against = REJECTED if found.outcome in AGAINST else PENDING
        wanted[STATUS] = APPROVED if better else against
    moved = better or options.force
    notes: tuple[str, ...] = ()
    if moved:
        notes = _notes(uri, options, version.version, tags.get(BASELINE))
        wanted[FORCED] = f"{options.alias}: {reason}" if not better else ""
    model_registry.set_tags(uri, version, wanted)
    if moved:
        model_registry.set_alias(uri, version, options.alias)
    return Promotion(
        model=version.name,
        version=version.version,
        alias=options.alias,
        moved=moved,
        forced=moved and not better,
        conclusion=found,
        reason=reason,
        notes=notes,
    )


def _notes(
    uri: str | None, options: PromoteOptions, version: int, baseline: str | None
) -> tuple[str, ...]:
    """Return a note where the alias leaves a version that this one was not compared with."""
    from bench.tracking import model_registry  # noqa: PLC0415  imports mlflow

    try:
        before = model_registry.find(uri, f"{options.model}@{options.alias}")
    except UsageError:
        return ()
    setting = before.tags.get(SETTING)
    if before.version == version or setting == baseline:
        return ()
    note = (
        f"{options.alias} pointed to version {before.version} ({setting}), with which version "
        f"{version} was not compared; its baseline is {baseline or 'unknown'}"
    )
    return (note,)
