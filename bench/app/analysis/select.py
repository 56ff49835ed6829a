"""Whether a setting can be chosen by instance, judged on instances that were not learned from."""

from __future__ import annotations

from dataclasses import dataclass

from bench.app.analysis.sources import ComparisonOptions
from bench.selection.evaluation import Evaluation, evaluate
from bench.selection.examples import examples


@dataclass(frozen=True, slots=True, kw_only=True)
class SelectOptions(ComparisonOptions):
    """From which results is learned; seeds of learning and resampling are ``rng_seed``."""


def evaluate_selection(options: SelectOptions) -> Evaluation:
    """Return how much of the gap to the virtual best a selector closes on unseen instances.

    UsageError where there is nothing to choose or too little to learn from, BenchError where
    scikit-learn is missing.
    """
    recorded = options.recorded()
    found = examples(recorded.table, options.counting(recorded, ("all",)))
    return evaluate(found, n_resamples=options.resamples, seed=options.rng_seed)
