"""The CPU quota: how much CPU time the cgroups around this process allow."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

ROOT = Path("/")
MICROSECONDS = 1e6
NANOSECONDS = 1e9


def quota_cpus(root: Path = ROOT) -> float | None:
    """Return how many CPUs' worth of time the cgroups allow (2.5 is two and a half), or None.

    ``docker run --cpus 2`` sets such a quota: all CPUs are visible, but a process that uses more
    than two of them is halted for the rest of each period.
    """
    quotas = [
        allowed / period
        for group in _around(root)
        for allowed, period in (_v2_quota(group) or _v1_quota(group),)
        if allowed > 0 and period > 0
    ]
    return min(quotas, default=None)


def halted_s(root: Path = ROOT) -> float | None:
    """Return for how many seconds the quota halted this process's cgroup; None if unknown.

    The seconds are summed over the CPUs of the group.
    """
    for group in _around(root):
        words = _text(group / "cpu.stat").split()
        figures = dict(zip(words[::2], words[1::2], strict=False))
        if "throttled_usec" in figures:
            return int(figures["throttled_usec"]) / MICROSECONDS
        if "throttled_time" in figures:
            return int(figures["throttled_time"]) / NANOSECONDS
    return None


def own_group(controller: str, root: Path = ROOT) -> tuple[Path, Path] | None:
    """Return the cgroup of this process and its mount; None if there is none.

    The controller is one of version 1, or empty for version 2. Inside a container the group itself
    may not be visible; then the mount is returned.
    """
    mount = _mount(controller, root)
    for line in _text(root / "proc/self/cgroup").splitlines():
        _, controllers, path = line.split(":", 2)
        if mount is not None and controller in controllers.split(","):
            group = mount / path.lstrip("/")
            return (group if group.is_dir() else mount), mount
    return None


def _around(root: Path) -> Iterator[Path]:
    """Yield the cgroups that limit CPU time, from this process's own up to the mount."""
    for controller in ("", "cpu"):
        found = own_group(controller, root)
        if found is not None:
            group, mount = found
            while group != mount:
                yield group
                group = group.parent
            yield mount


def _mount(controller: str, root: Path) -> Path | None:
    kind = "cgroup" if controller else "cgroup2"
    for line in _text(root / "proc/self/mounts").splitlines():
        _, point, found, options, *_ = line.split()
        if found == kind and (not controller or controller in options.split(",")):
            return root / point.lstrip("/")
    return None


def _v2_quota(group: Path) -> tuple[int, int] | None:
    allowed, _, period = _text(group / "cpu.max").strip().partition(" ")
    if not period:
        return None
    return (0 if allowed == "max" else int(allowed)), int(period)


def _v1_quota(group: Path) -> tuple[int, int]:
    allowed = _text(group / "cpu.cfs_quota_us").strip()
    return int(allowed or 0), int(_text(group / "cpu.cfs_period_us").strip() or 0)


def _text(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""
