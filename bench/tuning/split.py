"""Training and test set: which instances a tuning may look at, and which it may not."""

from __future__ import annotations

import random
from collections.abc import Sequence

from bench.errors import UsageError
from bench.instances.labels import family
from bench.model.instances.instance import Instance

LEAST_TEST = 6
"""So many test instances a comparison needs to claim anything (`bench.comparison`)."""

LEAST_TRAIN = 2
"""So many training instances are left where the test needs the others."""

TEST_SHARE = 0.4
"""The share of instances that is kept for the test; the proof needs more of them than the race."""


def split(instances: Sequence[Instance], seed: int) -> tuple[list[Instance], list[Instance]]:
    """Return training and test set, each with its share of each family.

    Instances of equal content stay together. The same instances and seed give the same sets,
    whatever order they come in. UsageError where there are too few for both sets.
    """
    distinct = {one.digest or str(one.path): one for one in sorted(instances, key=_identity)}
    if len(distinct) < 2:
        raise UsageError(
            "1 instance cannot be both tuned on and tested on; add more, or name unseen ones "
            "with --test"
        )
    generator = random.Random(seed)  # noqa: S311  no secret
    families: dict[str, list[Instance]] = {}
    for one in distinct.values():
        families.setdefault(family(one.name), []).append(one)
    for members in families.values():
        generator.shuffle(members)
    n_test = test_size(len(distinct))
    places = [
        ((at + 0.5) / len(members), name, one)
        for name, members in families.items()
        for at, one in enumerate(members)
    ]
    order = [one for _, _, one in sorted(places, key=lambda place: place[:2])]
    return order[n_test:], order[:n_test]


def test_size(n: int) -> int:
    """Return how many of so many instances are kept for the test: enough to decide, if possible."""
    wanted = max(round(TEST_SHARE * n), min(LEAST_TEST, n - LEAST_TRAIN))
    return min(max(wanted, 1), n - 1)


def _identity(instance: Instance) -> tuple[str, str]:
    return instance.digest or "", instance.label
