"""Overview: the data that the pages of an experiment show, of this and earlier campaigns."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bench.model.setting import Setting

_SAID_BY_KNOBS = "cutselection/hybrid/"
_MOST_CHOICES = 8
_MOST_SETS = 8


@dataclass(frozen=True, slots=True)
class Choices:
    """The params in which settings differ, and those that every setting has."""

    names: tuple[str, ...] = ()
    axes: tuple[str, ...] = ()

    def after(self, earlier: Choices) -> Choices:
        """Return the choices of these settings and earlier ones combined."""
        axes = tuple(name for name in earlier.axes if name in self.axes)
        names = tuple(dict.fromkeys([*earlier.names, *self.names]))
        return Choices(names[:_MOST_CHOICES], axes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """The data to show.

    ``started_ms`` is the start of its newest campaign, or of its last task, in ms since the epoch.
    ``sets`` are titles of instance sets, the newest first. ``sweep_id`` is the newest sweep, empty
    without one; its tasks that took at least ``slow_s`` seconds are shown, None means all. ``note``
    is the newest conclusion in Markdown, empty while there is none.
    """

    choices: Choices = Choices()
    started_ms: int = 0
    sets: tuple[str, ...] = ()
    sweep_id: str = ""
    slow_s: float | None = None
    note: str = ""

    def after(self, earlier: Overview) -> Overview:
        """Return the overview after a campaign, given that of the earlier ones.

        The campaign need not be the newest: an older one may be checked.
        """
        is_newest = self.started_ms >= earlier.started_ms
        new, old = (self, earlier) if is_newest else (earlier, self)
        sweep = new if new.sweep_id else old
        return Overview(
            choices=self.choices.after(earlier.choices),
            started_ms=new.started_ms,
            sets=tuple(dict.fromkeys([*new.sets, *old.sets]))[:_MOST_SETS],
            sweep_id=sweep.sweep_id,
            slow_s=sweep.slow_s,
            note=new.note or old.note,
        )


def choices(settings: Iterable[Setting]) -> Choices:
    """Return the knobs, and the parameters in which the settings differ.

    For a single setting, these are all parameters. The weights that alpha and l1_ratio set are left
    out.
    """
    known = list(settings)
    knobs = dict.fromkeys(name for setting in known for name in setting.knobs)
    params = dict.fromkeys(name for setting in known for name in setting.params)
    telling = [
        name
        for name in params
        if not name.startswith(_SAID_BY_KNOBS)
        and (len(known) == 1 or len({str(each.params.get(name)) for each in known}) > 1)
    ]
    include = ("include",) if any(setting.include for setting in known) else ()
    names = (*knobs, *telling, *include)
    common = (all(name in {**one.params, **one.knobs} for one in known) for name in names)
    return Choices(names, tuple(itertools.compress(names, common)))


def slow_enough_s(times_s: Sequence[float], most: int = 500) -> float | None:
    """Return the time of the slowest tasks in seconds, None if all are shown.

    MLflow takes 23 s to sort 10,000 tasks, and 3 s to find the slowest few hundred.
    """
    if len(times_s) <= most:
        return None
    return sorted(times_s, reverse=True)[most - 1]
