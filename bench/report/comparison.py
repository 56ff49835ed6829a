"""A comparison of settings as tables for the terminal, in lines of at most 100 characters."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence

from bench.analysis.comparison import Basis, Comparison, Interval, Paired, Row, Table
from bench.report.table import render, shortened

WIDTH = 100
NAME_WIDTH = 24
MISSING = "-"
MAIN = (
    *("setting", "solved", "limits", "wrong", "failed"),
    *("sgm", "ratio", "interval", "win/tie/loss", "p (Holm)"),
)
MORE = (
    *("setting", "nodes", "PAR2", "PAR10", "primal", "dual", "p-d"),
    *("rank", "CV", "max/min", "solved +/-", "p"),
)


def comparison_text(comparison: Comparison) -> str:
    """Return what the numbers stand on, the settings on all blocks, and their ratios by subset."""
    whole = comparison.tables[0]
    sections = (
        basis_text(comparison),
        main_table(whole),
        more_table(whole),
        _best(whole, comparison.basis),
        subset_table(comparison) if len(comparison.tables) > 1 else "",
    )
    return "\n\n".join(section for section in sections if section)


def basis_text(comparison: Comparison) -> str:
    """Return in words what is compared, on which blocks, under which limits, and how."""
    basis = comparison.basis
    clip = "" if basis.clip is None else f", from {basis.clip:g}"
    limits = [
        f"{name} limit {_listed(values)} {unit}"
        for name, values, unit in (
            ("time", basis.time_limits_s, "s"),
            ("memory", basis.memory_limits_mib, "MiB"),
        )
        if values
    ]
    blocks = f"{basis.n_blocks} blocks that all {len(comparison.settings)} settings have"
    mean = (
        f"shifted geometric mean of {basis.measure} in {basis.unit} (shift {basis.shift:g}{clip})"
    )
    sentences = (
        f"Baseline {comparison.baseline}; {blocks}: {extent(basis)}.",
        f"sgm: {'; '.join([mean, f'wrong and failed: {basis.failures}', *limits])}.",
    )
    return "\n".join(textwrap.fill(sentence, WIDTH) for sentence in sentences)


def extent(basis: Basis) -> str:
    """Return how many instances and seeds there are, e.g. ``36 instances x 3 seeds``."""
    draws = [f"{basis.n_instances} {_plural('instance', basis.n_instances)}"]
    for what, values in (("seed", basis.seeds), ("permutation", basis.permutations)):
        if what == "seed" or len(values) > 1:
            draws.append(f"{len(values)} {_plural(what, len(values))}")
    return " x ".join(draws)


def main_table(table: Table) -> str:
    """Return a row a setting: counts, mean, ratio to the baseline, wins, and the test."""
    return render(MAIN, [_main_row(row) for row in table.rows])


def more_table(table: Table) -> str:
    """Return a row a setting: nodes, penalised means, integrals, variability, solved."""
    header, *rows = _without_empty([list(MORE), *(_more_row(row) for row in table.rows)])
    return render(header, rows)


def subset_table(comparison: Comparison) -> str:
    """Return the ratio to the baseline, a row a setting and a column a subset."""
    tables = comparison.tables
    rows = [
        ["blocks", *(str(table.n_blocks) for table in tables)],
        *(
            [shortened(name, NAME_WIDTH), *(_ratio(table.row(name).against) for table in tables)]
            for name in comparison.settings[1:]
        ),
    ]
    return render(["ratio by subset", *(_short(table.subset) for table in tables)], rows)


def group_table(groups: Mapping[str, Comparison], by: str) -> str:
    """Return a row for each group of instances and each setting."""
    rows = []
    for group, comparison in groups.items():
        table = comparison.tables[0]
        for name in comparison.settings:
            setting, solved, limits, wrong, failed, *rest = _main_row(table.row(name))
            counts = f"{solved}/{limits}/{wrong}/{failed}"
            first = shortened(group, NAME_WIDTH) if name == comparison.baseline else ""
            n = str(table.n_instances) if first else ""
            rows.append([first, setting, n, counts, *rest[:-1]])
    header = (by, "setting", "n", "solved/lim/wrong/failed", *MAIN[5:-1])
    return render(header, rows, left=2)


def interval_text(interval: Interval | None) -> str:
    """Return the interval, e.g. ``0.91..1.02``, or a dash."""
    return MISSING if interval is None else f"{interval.low:.3f}..{interval.high:.3f}"


def number(value: float | None, digits: int = 4) -> str:
    """Return a number in few digits, or a dash."""
    return MISSING if value is None else f"{value:.{digits}g}"


def _main_row(row: Row) -> list[str]:
    pair = row.against
    return [
        shortened(row.setting, NAME_WIDTH),
        *(str(n) for n in (row.solved, row.limits, row.wrong, row.failed)),
        number(row.sgm),
        _ratio(pair),
        interval_text(pair.interval) if pair else MISSING,
        f"{pair.wins}/{pair.ties}/{pair.losses}" if pair else MISSING,
        number(pair.p_holm, 2) if pair else MISSING,
    ]


def _more_row(row: Row) -> list[str]:
    pair, spread = row.against, row.variability
    return [
        shortened(row.setting, NAME_WIDTH),
        *(
            number(value)
            for value in (
                *(row.nodes_sgm100, row.par2_s, row.par10_s),
                *(row.primal_integral, row.dual_integral, row.primal_dual_integral, row.rank),
            )
        ),
        number(spread.cv, 2) if spread else MISSING,
        number(spread.max_over_min, 3) if spread else MISSING,
        f"+{pair.solved_more}/-{pair.solved_less}" if pair else MISSING,
        number(pair.p_mcnemar, 2) if pair else MISSING,
    ]


def _best(table: Table, basis: Basis) -> str:
    virtual, single = table.virtual_best, table.single_best
    return (
        f"virtual best: {virtual.solved} solved, sgm {number(virtual.sgm)} {basis.unit}; "
        f"single best: {single.by_sgm or MISSING} (sgm), {single.by_par10 or MISSING} (PAR10)"
    )


def _without_empty(rows: Sequence[Sequence[str]]) -> list[list[str]]:
    """Leave out the columns in which no row but the header says anything."""
    kept = [column for column in zip(*rows, strict=True) if set(column[1:]) != {MISSING}]
    return [list(row) for row in zip(*kept, strict=True)]


def _ratio(pair: Paired | None) -> str:
    return MISSING if pair is None or pair.ratio is None else f"{pair.ratio:.3f}"


def _short(subset: str) -> str:
    return {"all-optimal": "all-opt", "different-limits": "diff-lim"}.get(subset, subset)


def _listed(values: Sequence[float]) -> str:
    return ", ".join(f"{value:g}" for value in values)


def _plural(word: str, n: int) -> str:
    return word if n == 1 else f"{word}s"
