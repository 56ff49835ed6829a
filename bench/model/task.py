"""A task: one solve, and the content hash that identifies it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from bench.model.instances.instance import Instance
from bench.model.limits import Limits
from bench.model.numbers import Whole
from bench.model.setting import Setting
from bench.model.start import Start


@dataclass(frozen=True, kw_only=True)
class Task:
    """Instance x setting x seed x permutation x limits.

    ``seed`` and ``permutation`` 0 are the solver's stock behaviour. ``default_gap`` is the relative
    gap at which the solver stops by default, if the limits have none; None is unknown. ``start`` is
    the start solution of the solve. The class has no slots, so that the computed key can be cached:
    pickling copies it, `dataclasses.replace` does not.
    """

    instance: Instance
    setting: Setting
    solver_version: str
    seed: Whole = 0
    permutation: Whole = 0
    limits: Limits = field(default_factory=Limits)
    default_gap: float | None = None
    start: Start | None = None

    @cached_property
    def key(self) -> str:
        """Content hash (64 hex digits): two tasks with equal keys are the same experiment.

        The content of the instance file counts, not its path; a changed file, parameter, limit,
        solver version or source of a plug-in makes another task. The default gap depends on the
        solver's version.
        """
        content: dict[str, Any] = {
            "instance": [self.instance.name, self.instance.digest],
            "setting": [self.setting.name, self.setting.solver, dict(self.setting.params)],
            "solver_version": self.solver_version,
            "seed": self.seed,
            "permutation": self.permutation,
            "limits": self.limits.identity(),
        }
        if self.setting.include:
            content["include"] = self.setting.include_identity
        if self.start is not None:
            content["start"] = self.start.digest
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
