"""The holders of this machine's cores, in words, as a table and as JSON."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from bench.execution.host.leases import HeldCore, Holder
from bench.report.terminal.table import render

HEADER = ("core", "CPUs", "state", "user", "process", "executes", "since")


def held_text(held: Iterable[HeldCore]) -> str:
    """Return the holders of cores, e.g. ``alice has core 1 (process 47, sweep cuts)``."""
    numbers: dict[Holder, list[int]] = {}
    for each in held:
        numbers.setdefault(each.holder, []).append(each.number)
    return ", ".join(
        f"{holder.user or 'another process'} has {cores_text(own)}{_details(holder)}"
        for holder, own in numbers.items()
    )


def cores_text(numbers: Iterable[int]) -> str:
    """Return cores in words, e.g. ``cores 1-3, 8``."""
    ordered = sorted(set(numbers))
    if not ordered:
        return "any core"
    return f"{'core' if len(ordered) == 1 else 'cores'} {number_list(ordered)}"


def number_list(ordered: Sequence[int]) -> str:
    """Return ascending numbers in the kernel's list format, e.g. ``0-3,8``."""
    spans: list[list[int]] = []
    for number in ordered:
        if spans and number == spans[-1][-1] + 1:
            spans[-1] = [spans[-1][0], number]
        else:
            spans.append([number])
    return ",".join("-".join(map(str, span)) for span in spans)


def cores_table(cpus: Mapping[int, frozenset[int]], held: Sequence[HeldCore]) -> str:
    """Return one row per core; ``cpus`` has the CPUs of those that this process may use."""
    holders = {each.number: each.holder for each in held}
    rows = [
        (str(number), number_list(sorted(own)), *_state(holders.get(number)))
        for number, own in _all_cores(cpus, held).items()
    ]
    return render(HEADER, rows, left=len(HEADER))


def cores_object(
    cpus: Mapping[int, frozenset[int]], held: Sequence[HeldCore]
) -> list[dict[str, Any]]:
    """Return the same ready for JSON; ``holder`` is null for a free core."""
    holders = {each.number: each.holder for each in held}
    return [
        {
            "core": number,
            "cpus": sorted(own),
            "holder": asdict(holders[number]) if number in holders else None,
        }
        for number, own in _all_cores(cpus, held).items()
    ]


def since_text(moment: float | None) -> str:
    """Return a time (seconds since the epoch) by the local clock, with its date if not today."""
    if moment is None:
        return ""
    then, now = time.localtime(moment), time.localtime()
    is_today = (then.tm_year, then.tm_yday) == (now.tm_year, now.tm_yday)
    return time.strftime("%H:%M" if is_today else "%Y-%m-%d %H:%M", then)


def _all_cores(
    cpus: Mapping[int, frozenset[int]], held: Iterable[HeldCore]
) -> dict[int, frozenset[int]]:
    return dict(sorted(({each.number: each.cpus for each in held} | dict(cpus)).items()))


def _state(holder: Holder | None) -> tuple[str, ...]:
    if holder is None:
        return ("free", "", "", "", "")
    known = (holder.user, str(holder.pid or ""), holder.purpose, since_text(holder.since))
    return ("taken", *(word or "?" for word in known))


def _details(holder: Holder) -> str:
    since = since_text(holder.since)
    details = [
        f"process {holder.pid}" if holder.pid else "",
        holder.purpose,
        f"since {since}" if since else "",
    ]
    known = ", ".join(filter(None, details))
    return f" ({known})" if known else ""
