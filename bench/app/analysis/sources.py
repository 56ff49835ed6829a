"""Find recorded results by the names that users give: sweeps, tables, frames, and MLflow runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import ClassVar

import pandas as pd

from bench.app.options import StoreOptions
from bench.app.progress import listener_of
from bench.comparison import sources as readers
from bench.comparison.integrals import with_integrals
from bench.comparison.options import SUBSETS, Failures, Options, Timeouts
from bench.comparison.sources import RecordedResults
from bench.errors import UsageError
from bench.journal.last_campaign import RESULTS, SEVERAL_SETTINGS, Need, named_or_last
from bench.journal.manifest import folder_of
from bench.store.experiment import ExperimentRequest

Source = str | Path | pd.DataFrame
BASELINE = "baseline"
"""The key in ``frame.attrs`` of the baseline that the sweep declared."""
LEFT_OUT = "left_out"
"""The key in ``frame.attrs`` of the lines about results that do not count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceOptions(StoreOptions):
    """The sources of results.

    - ``sources``: names or folders of sweeps, tables (CSV or Parquet) as paths, frames; one or
      several; ``LABEL=SOURCE`` renames a setting
    - ``run_ids``: runs of settings or sweeps in MLflow

    The default is the experiment, if one is given, else the most recent sweep that has the needed
    data; the listener is told its name.
    """

    NEEDS: ClassVar[tuple[Need, ...]] = (RESULTS,)

    sources: Source | Sequence[Source] = field(default=(), kw_only=False)
    run_ids: Sequence[str] = ()

    def given_sources(self) -> tuple[Source, ...]:
        """Return the sources, also if only one is given."""
        if isinstance(self.sources, str | Path | pd.DataFrame):
            return (self.sources,)
        return tuple(self.sources)

    def recorded(self, *needs: Need) -> RecordedResults:
        """Return the results; UsageError if there are none, or for an unknown source.

        ``needs`` is the data that the default sweep must have, by default `NEEDS` of the class.
        """
        return recorded(
            *self.given_sources(),
            work_dir=Path(self.work_dir),
            experiment=self.given_experiment(),
            run_ids=self.run_ids,
            tracking_uri=self.given_uri(),
            needs=needs or self.NEEDS,
            tell=listener_of(self.progress).message,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparisonOptions(SourceOptions):
    """How results are counted and compared; see `bench.comparison.options.Options`.

    - ``baseline``: setting to compare with; None is the baseline of the sweep, else ``default``,
      else the first by name
    - ``measure``: what is compared; ``shift`` and ``clip`` of its mean (None: the defaults of the
      measure)
    - ``failures``: the cost of a wrong or failed result
    - ``timeouts``: the value of a result that ended at the time limit: ``limit``, or ``measured``
    - ``alpha``: significance level of tests; ``resamples``: number of bootstrap resamples, drawn
      with ``rng_seed``
    - ``force``: compare also if limits, machines or clocks differ
    """

    NEEDS: ClassVar[tuple[Need, ...]] = (SEVERAL_SETTINGS, RESULTS)

    baseline: str | None = None
    measure: str = "solve"
    shift: float | None = None
    clip: float | None = None
    failures: Failures | str = Failures.EXCLUDE
    timeouts: Timeouts | str = Timeouts.LIMIT
    level: float = 0.05
    resamples: int = 2000
    rng_seed: int = 1
    force: bool = False

    def counting(self, found: RecordedResults, subsets: tuple[str, ...] = SUBSETS) -> Options:
        """Return the rules for counting these results."""
        return Options(
            baseline=self.baseline or found.baseline,
            measure=self.measure,
            shift=self.shift,
            clip=self.clip,
            failures=failures_of(self.failures),
            timeouts=timeouts_of(self.timeouts),
            subsets=subsets,
            alpha=self.level,
            n_resamples=self.resamples,
            rng_seed=self.rng_seed,
            force=self.force,
            left_out=found.left_out,
        )


def failures_of(name: str) -> Failures:
    """Return the policy of this name; UsageError for another name."""
    if name not in list(Failures):
        raise UsageError(f"unknown value {name!r} of failures; known: {', '.join(Failures)}")
    return Failures(name)


def timeouts_of(name: str) -> Timeouts:
    """Return the policy of this name; UsageError for another name."""
    if name not in list(Timeouts):
        raise UsageError(f"unknown value {name!r} of timeouts; known: {', '.join(Timeouts)}")
    return Timeouts(name)


def recorded(  # noqa: PLR0913 - one for each option
    *sources: Source,
    work_dir: Path,
    experiment: ExperimentRequest | None = None,
    run_ids: Sequence[str] = (),
    tracking_uri: str | None = None,
    needs: Sequence[Need] = (RESULTS,),
    tell: Callable[[str], None] = lambda _: None,
) -> RecordedResults:
    """Return results with all available data; the arguments are those of `SourceOptions`.

    ``needs`` is the data that the default sweep must have; ``tell`` is called with its name.
    """
    if sources:
        found = readers.together(_named(source, work_dir) for source in sources)
    elif run_ids or experiment:
        found = readers.of_mlflow(tracking_uri, experiment, run_ids)
    else:
        found = _campaign(named_or_last(work_dir, None, *needs, tell=tell))
        if not len(found.table):
            found = readers.together([found])
    return readers.with_distinct_names(found)


def _named(source: Source, work_dir: Path) -> RecordedResults:
    if isinstance(source, pd.DataFrame):
        declared = source.attrs.get(BASELINE)
        is_there = "setting" in source and source["setting"].isin([declared]).any()
        return RecordedResults(
            table=source,
            names=(),
            baseline=declared if is_there else None,
            left_out=tuple(source.attrs.get(LEFT_OUT, ())),
        )
    word = str(source)
    label, equals, rest = word.partition("=")
    if equals and label and rest and not (Path(word).exists() or (work_dir / word).exists()):
        return readers.relabelled(_named(rest, work_dir), label)
    path = Path(word)
    if path.suffix in readers.SUFFIXES or path.is_file():
        return readers.of_file(path)
    return _campaign(folder_of(work_dir, word))


def _campaign(folder: Path) -> RecordedResults:
    found = readers.of_folder(folder)
    return replace(found, table=with_integrals(found.table, found.results))
