"""The default campaign of a command: the most recent one that has the needed data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePath

from bench.errors import TrackingError, UsageError
from bench.journal.journal import JOURNAL, Journal
from bench.journal.manifest import MANIFEST, Manifest, campaigns, folder_of, sound

KEY_LENGTH = 6
"""The number of digits of a task's key that a user has to give."""


@dataclass(frozen=True, slots=True)
class Need:
    """The data that a command needs of a campaign; ``words`` continue "the last one"."""

    words: str
    is_met: Callable[[Path, Manifest], bool]


@dataclass(frozen=True, slots=True)
class LastCampaign:
    """The campaign that was found, and later ones that lack the needed data.

    ``lacking`` are the data that no campaign has, if they were preferred; ``others`` are all other
    campaigns.
    """

    folder: Path
    newer: tuple[Path, ...] = ()
    need: str = ""
    lacking: str = ""
    others: tuple[Path, ...] = ()

    @property
    def line(self) -> str:
        """A line with the name of the campaign, and why it is not the most recent one."""
        if self.lacking:
            name = self.folder.name
            several = f"; name several, e.g. {name} {self.others[0].name}" if self.others else ""
            return f"using {name}, because there is no sweep {self.lacking}{several}"
        if not self.newer:
            return f"using {self.folder.name}, the last one worked on"
        others = self.newer[0].name + (
            f" and {len(self.newer) - 1} more are" if len(self.newer) > 1 else " is"
        )
        return f"using {self.folder.name}, the last one {self.need} ({others} newer)"


def _any(_: Path, __: Manifest) -> bool:
    return True


def _has_results(folder: Path, plan: Manifest) -> bool:
    keys = {task.key for task in plan.tasks}
    return not keys.isdisjoint(_finished(folder))


def _has_pairs(folder: Path, plan: Manifest) -> bool:
    """Return whether several settings have a result of the same pair."""
    n_settings = len(plan.settings)
    if n_settings < 2:
        return False
    finished = _finished(folder)
    counts = Counter(
        (task.instance, task.digest, task.seed, task.permutation)
        for task in plan.tasks
        if task.key in finished
    )
    return n_settings in counts.values()


def _is_unfinished(folder: Path, plan: Manifest) -> bool:
    if Journal(folder).writer() is not None:
        return False
    complete = {task.key for task in plan.tasks} <= _finished(folder)
    return plan.growing or not (plan.is_decided or complete)


ANY = Need("whose plan can be read", _any)
RESULTS = Need("with results", _has_results)
SEVERAL_SETTINGS = Need("with results of several settings", _has_pairs)
UNFINISHED = Need("that is not finished", _is_unfinished)


def of_task(word: str) -> Need:
    """Return the need for a task, by the name of its instance or the beginning of its key."""

    def has_task(folder: Path, plan: Manifest) -> bool:
        del folder
        return any(
            word in {task.instance, PurePath(task.instance).name} or is_key(word, task.key)
            for task in plan.tasks
        )

    return Need(f"with a task {word}", has_task)


def is_key(word: str, key: str) -> bool:
    """Return whether a word is the beginning of a task's key, of at least `KEY_LENGTH` digits."""
    return len(word) >= KEY_LENGTH and key.startswith(word)


def of_setting(name: str) -> Need:
    """Return the need for a setting of this name."""
    return Need(
        f"with the setting {name}",
        lambda _, plan: any(name == setting.name for setting in plan.settings),
    )


def named_or_last(
    work_dir: Path, name: str | None, *needs: Need, tell: Callable[[str], None] = lambda _: None
) -> Path:
    """Return the folder of the campaign of this name or path; without a name, the default one.

    ``tell`` is called with the default campaign. Raise UsageError if there is none.
    """
    if name is not None:
        return folder_of(work_dir, name)
    found = last_campaign(work_dir, *needs)
    tell(f"Note: {found.line}")
    return found.folder


def last_campaign(work_dir: Path, *needs: Need) -> LastCampaign:
    """Return the most recent campaign that meets the first of the needs that any of them meets.

    If none of them meets any, it is the most recent one, so that the command itself reports what it
    lacks. Raise UsageError if there is no campaign.
    """
    newest_first = sorted(campaigns(work_dir), key=worked_on, reverse=True)
    if not newest_first:
        raise UsageError(
            f"{work_dir}: there is no sweep in this folder yet; see bench sweep -h, or --work-dir"
        )
    plans = {folder: sound(folder) for folder in newest_first}
    for need in needs or (ANY,):
        newer: list[Path] = []
        for folder, plan in plans.items():
            if plan is not None and need.is_met(folder, plan):
                lacking = needs[0].words if needs and need is not needs[0] else ""
                others = tuple(each for each in plans if each != folder)
                return LastCampaign(folder, tuple(newer), need.words, lacking, others)
            newer.append(folder)
    with_plan = (folder for folder, plan in plans.items() if plan is not None)
    return LastCampaign(next(with_plan, newest_first[0]))


def worked_on(folder: Path) -> float:
    """Return the time of a campaign's plan or last result, in seconds since the epoch."""
    moments = [0.0]
    for name in (MANIFEST, JOURNAL):
        with suppress(OSError):
            moments.append((folder / name).stat().st_mtime)
    return max(moments)


def _finished(folder: Path) -> frozenset[str]:
    """Return the keys of the tasks with a result; none if the journal is damaged."""
    with suppress(TrackingError):
        return frozenset(Journal(folder).finished())
    return frozenset()
