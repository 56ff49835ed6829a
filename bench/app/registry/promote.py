"""Move an alias to a version of a model, if a comparison supports it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from bench.app.analysis.sources import ComparisonOptions
from bench.app.options import StoreOptions
from bench.app.registry.evidence import (
    AGAINST,
    APPROVED,
    BASELINE,
    CLIP,
    MEASURE,
    PENDING,
    REJECTED,
    RUN_IDS,
    SETTING,
    SHIFT,
    STATUS,
    gather_evidence,
)
from bench.comparison.wording.narrative import Conclusion, ConclusionKind
from bench.errors import UsageError
from bench.model.registered_setting import SELECTOR, from_json

if TYPE_CHECKING:
    from bench.tracking.model_registry import RegisteredVersion

CHAMPION = "champion"
FORCED = "bench.promoted_by_force"
"""The tag of a forced promotion, with the reason against it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PromoteOptions(StoreOptions):
    """Which version of a model is promoted, and how.

    - ``model``, ``version``: name of the model in the registry, and the number of its version
    - ``alias``: the alias that moves to it
    - ``force``: move the alias regardless of the evidence; a tag of the version says so
    """

    model: str = field(kw_only=False)
    version: int = field(kw_only=False)
    alias: str = CHAMPION
    force: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Promotion:
    """The outcome of a promotion: whether the alias has ``moved``, and the evidence.

    ``conclusion`` is None if the version has no comparison, and ``reason`` says why; ``forced``:
    the alias has moved against the evidence. ``notes`` are additional lines for the user.
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
        """Whether the evidence is against the version, not only insufficient."""
        return self.conclusion is not None and self.conclusion.outcome in AGAINST


def promote(options: PromoteOptions) -> Promotion:
    """Move an alias to a version if a comparison says that it is better than its baseline.

    The comparison is repeated with the results of the MLflow runs in the version's tags; the
    conclusion in the tags is not trusted. The version's ``validation-status`` becomes approved if
    it is better, rejected if it is worse or fails more, else pending; without any comparison it is
    unchanged. Raise UsageError for an unknown version, TrackingError if the store cannot be
    reached; then nothing has moved.
    """
    from bench.tracking import model_registry  # noqa: PLC0415  imports mlflow

    uri = options.given_uri()
    version = model_registry.find(uri, f"{options.model}/{options.version}")
    if SELECTOR in version.tags:
        return _promote_selector(uri, options, version)
    registered = from_json(model_registry.read_setting(uri, version), version.title)
    tags = version.tags
    found: Conclusion | None = None
    wanted: dict[str, str] = {}
    if not tags.get(RUN_IDS) or not tags.get(BASELINE):
        reason = (
            f"{version.title} has no comparison with a baseline; execute a sweep of "
            f"{registered.setting.name!r} and its baseline, and register it from that sweep"
        )
    else:
        evidence = gather_evidence(
            ComparisonOptions(
                run_ids=tags[RUN_IDS].split(),
                tracking_uri=uri,
                baseline=tags[BASELINE],
                measure=tags.get(MEASURE, "solve"),
                shift=float(tags[SHIFT]) if SHIFT in tags else None,
                clip=float(tags[CLIP]) if CLIP in tags else None,
            ),
            registered,
        )
        found, wanted = evidence.conclusion, evidence.tags
        reason = found.sentence if found else f"{version.title} is the baseline itself"
    better = found is not None and found.outcome is ConclusionKind.BETTER
    if found is not None:
        against = REJECTED if found.outcome in AGAINST else PENDING
        wanted[STATUS] = APPROVED if better else against
    notes: tuple[str, ...] = ()
    if better or options.force:
        notes = _notes(uri, options, version.version, tags.get(BASELINE))
    done = _decided(options, version, wanted, reason, is_better=better)
    return replace(done, conclusion=found, notes=notes)


def _promote_selector(
    uri: str | None, options: PromoteOptions, version: RegisteredVersion
) -> Promotion:
    """Move an alias to a selector if it is better than the single best setting.

    It is evaluated anew, on unseen instances, from the results in MLflow.
    """
    from bench.app.analysis.evaluate_selection import (  # noqa: PLC0415 - only for selectors
        SelectOptions,
        evaluate_selection,
    )
    from bench.report.terminal.selection import selection_sentence  # noqa: PLC0415 - see above

    run_ids = version.tags.get(RUN_IDS, "").split()
    helps, wanted = False, {}
    reason = (
        f"{version.title} names no results of its training; train and register the selector again"
    )
    if run_ids:
        found = evaluate_selection(SelectOptions(run_ids=run_ids, tracking_uri=uri, force=True))
        helps, reason = found.known_families.helps, selection_sentence(found)
        wanted = {STATUS: APPROVED if helps else PENDING, "bench.evidence": reason}
    return _decided(options, version, wanted, reason, is_better=helps)


def _decided(
    options: PromoteOptions,
    version: RegisteredVersion,
    tags: dict[str, str],
    reason: str,
    *,
    is_better: bool,
) -> Promotion:
    """Set the tags of a version, and move the alias if the version is better or it is forced."""
    from bench.tracking import model_registry  # noqa: PLC0415  imports mlflow

    uri = options.given_uri()
    moved = is_better or options.force
    if moved:
        tags = tags | {FORCED: "" if is_better else f"{options.alias}: {reason}"}
    model_registry.set_tags(uri, version, tags)
    if moved:
        model_registry.set_alias(uri, version, options.alias)
    return Promotion(
        model=version.name,
        version=version.version,
        alias=options.alias,
        moved=moved,
        forced=moved and not is_better,
        conclusion=None,
        reason=reason,
    )


def _notes(
    uri: str | None, options: PromoteOptions, version: int, baseline: str | None
) -> tuple[str, ...]:
    """Return a note if the alias leaves a version that was not compared with this one."""
    from bench.tracking import model_registry  # noqa: PLC0415  imports mlflow

    try:
        before = model_registry.find(uri, f"{options.model}@{options.alias}")
    except UsageError:
        return ()
    setting = before.tags.get(SETTING)
    if before.version == version or setting == baseline:
        return ()
    note = (
        f"{options.alias} pointed to version {before.version} ({setting}); version {version} was "
        f"not compared with it, its baseline is {baseline or 'unknown'}"
    )
    return (note,)
