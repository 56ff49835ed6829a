"""Evaluate whether to choose a setting by instance, on instances not used for training."""

from __future__ import annotations

from dataclasses import dataclass

from bench.app.analysis.sources import ComparisonOptions
from bench.selection.evaluation import Evaluation, evaluate
from bench.selection.examples import examples


@dataclass(frozen=True, slots=True, kw_only=True)
class SelectOptions(ComparisonOptions):
    """The results to learn from; ``rng_seed`` is the seed of learning and resampling."""


def evaluate_selection(options: SelectOptions) -> Evaluation:
    """Return how much of the gap to the virtual best a selector closes on unseen instances.

    Raise UsageError if there are too few settings or instances, BenchError if scikit-learn is
    missing.
    """
    recorded = options.recorded()
    found = examples(recorded.table, options.counting(recorded, ("all",)))
    return evaluate(found, n_resamples=options.resamples, seed=options.rng_seed)
