"""Training and test set: the instances that a tuning may use, and those that it may not."""

from __future__ import annotations

import random
from collections.abc import Sequence

from bench.errors import UsageError
from bench.instances.labels import family
from bench.model.instances.instance import Instance

LEAST_TEST = 6
"""The number of test instances that a comparison needs for any claim (`bench.comparison`)."""

LEAST_TRAIN = 2
"""The number of training instances that remain if the test needs the others."""

TEST_SHARE = 0.4
"""The share of instances for the test; the test needs more of them than the race."""


def split(instances: Sequence[Instance], seed: int) -> tuple[list[Instance], list[Instance]]:
    """Return training and test set, with each family split in proportion.

    Instances of equal content are in the same set. The same instances and seed give the same sets,
    in any order. Raise UsageError if there are too few for both sets.
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
    """Return the number of instances for the test: enough for a decision, if possible."""
    wanted = max(round(TEST_SHARE * n), min(LEAST_TEST, n - LEAST_TRAIN))
    return min(max(wanted, 1), n - 1)


def _identity(instance: Instance) -> tuple[str, str]:
    return instance.digest or "", instance.label
