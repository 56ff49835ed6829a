"""The result of choosing by instance, as text."""

from __future__ import annotations

from bench.report.terminal.table import filled, render
from bench.selection.evaluation import Evaluation, GapClosed

HEADER = ("unseen", "n", "gap closed", "95 % interval", "selector", "single best", "virtual best")
KNOWN = "instances of known families"
UNSEEN = "families"


def selection_text(found: Evaluation) -> str:
    """Return the table with the results of a selector, and the conclusion."""
    parts = [(KNOWN, found.known_families)]
    if found.unseen_families is not None:
        parts.append((UNSEEN, found.unseen_families))
    rows = [_row(name, each) for name, each in parts]
    return "\n\n".join((render(HEADER, rows), filled(selection_sentence(found))))


def selection_sentence(found: Evaluation) -> str:
    """Return the conclusion: whether the statistics help, compared with the single best setting."""
    known = found.known_families
    if known.share is None:
        return f"Nothing to choose: {found.single_best} is the best setting on every instance."
    names = len(found.examples.settings)
    if not known.helps:
        return (
            f"The statistics do not help: choosing among {names} settings by instance is not shown "
            f"to beat {found.single_best} on all instances (the interval is not above 0)."
        )
    sentence = (
        f"Choosing among {names} settings by instance closes {100 * known.share:.0f} % of the gap "
        f"between {found.single_best} on all instances and the best setting of each instance"
    )
    unseen = found.unseen_families
    if unseen is None:
        there = "is one family" if found.n_families == 1 else f"are {found.n_families} families"
        return f"{sentence}; there {there}, too few to say anything of unseen families."
    if unseen.helps:
        return f"{sentence}, and helps on unseen families as well."
    return f"{sentence}; on unseen families it is not shown to help."


def _row(name: str, each: GapClosed) -> list[str]:
    numbers = (each.selector_s, each.single_best_s, each.virtual_best_s)
    share = "-" if each.share is None else f"{100 * each.share:.0f} %"
    ends = "-"
    if each.low is not None and each.high is not None:
        ends = f"{100 * each.low:.0f} % to {100 * each.high:.0f} %"
    return [name, str(each.n_instances), share, ends, *(f"{value:.3g} s" for value in numbers)]
