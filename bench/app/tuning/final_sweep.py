"""The test of a tuning as a sweep file: stock, best emphasis and winner on unseen instances."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.errors import TrackingError
from bench.interop import set_files
from bench.model.instances.instance import Instance
from bench.model.limits import Limits
from bench.model.parameters import Catalogue
from bench.model.setting import Setting
from bench.tuning.candidate import STOCK
from bench.tuning.record import TEST
from bench.tuning.split import LEAST_TEST

FIRST_SEED = 2_000_000
"""The first seed of the test; no solve of the tuning uses seeds from here on."""
MOST_SEEDS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class FinalSweep:
    """The content of the test; a solve is expected to take ``mean_s`` CPU seconds."""

    name: str
    solver: str
    settings: Mapping[str, Setting]
    instances: Sequence[Instance]
    budget_s: float
    mean_s: float
    limits: Limits
    seed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """The sweep file, and a note for the user (empty: none)."""

    path: Path
    notice: str


def write_final_sweep(
    folder: Path, test: FinalSweep, catalogue: Catalogue, settings: Mapping[str, Setting]
) -> Written:
    """Write the sweep file and a ``.set`` file for each setting into the tuning's folder."""
    import yaml  # noqa: PLC0415 - not needed to plan

    instances, n_seeds, notice = chosen(test)
    for name, one in settings.items():
        _write(folder / f"{file_name(name)}.set", set_files.write(one.params, catalogue))
    limits = test.limits
    document = {
        "name": test.name,
        "solver": test.solver,
        "instances": [str(one.path.absolute()) for one in instances],
        "seeds": seeds_of(n_seeds),
        "baseline": STOCK,
        "settings": {
            STOCK: None,
            **{name: {"file": f"{file_name(name)}.set"} for name in test.settings},
        },
        "time_limit": limits.time_s,
        "memory_limit": limits.memory_mib,
        "node_limit": limits.nodes,
        "gap": limits.gap,
        "clock": str(limits.clock),
        "grace": limits.grace_s,
    }
    path = folder / TEST
    known = {key: value for key, value in document.items() if value is not None}
    _write(path, yaml.safe_dump(known, sort_keys=False, allow_unicode=True))
    return Written(path=path, notice=notice)


def chosen(test: FinalSweep) -> tuple[list[Instance], int, str]:
    """Return the instances and the number of seeds within the budget, and what was left out."""
    n_settings = len(test.settings) + 1
    affordable = int(test.budget_s / max(n_settings * test.mean_s, 1e-3))
    instances = list(test.instances)
    if affordable >= len(instances):
        return instances, min(affordable // len(instances), MOST_SEEDS), ""
    n = max(affordable, min(LEAST_TEST, len(instances)))
    if n >= len(instances):
        return instances, 1, "the test may need more than the rest of the budget"
    order = sorted(instances, key=lambda one: one.digest)
    random.Random(test.seed).shuffle(order)  # noqa: S311  no secret
    return (
        order[:n],
        1,
        f"the budget allows {n} of {len(instances)} test instances, drawn at random",
    )


def seeds_of(n: int) -> list[int]:
    """Return this many seeds that only tests use."""
    return [FIRST_SEED + at for at in range(n)]


def file_name(setting: str) -> str:
    """Return the name of a setting's file without its ending."""
    return setting.replace(" ", "+").replace("/", "-")


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise TrackingError(f"cannot write {path}: {error.strerror}") from error
