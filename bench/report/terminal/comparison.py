"""A comparison of settings as tables for the terminal, in lines of at most 100 characters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from bench.comparison.comparison import Basis, Comparison, Paired, Row, Table
from bench.comparison.narrative import headline
from bench.report.terminal.short_names import WIDTHS, in_full, told_apart
from bench.report.terminal.table import filled, fitting, render, shortened
from bench.statistics.intervals import Interval

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
    """Return what the numbers stand on, the settings on all blocks, and their ratios by subset.

    Names are shortened as far as it takes; those that would then look alike are numbered.
    """
    return fitting(_sections(comparison, width) for width in WIDTHS)


def headline_text(comparison: Comparison) -> str:
    """Return the last line, what is to be said in words, in lines of at most 100 characters."""
    return filled(headline(comparison))


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
    return "\n".join(map(filled, sentences))


def extent(basis: Basis) -> str:
    """Return how many instances and seeds there are, e.g. ``36 instances x 3 seeds``."""
    draws = [f"{basis.n_instances} {_plural('instance', basis.n_instances)}"]
    for what, values in (("seed", basis.seeds), ("permutation", basis.permutations)):
        if what == "seed" or len(values) > 1:
            draws.append(f"{len(values)} {_plural(what, len(values))}")
    return " x ".join(draws)


def main_cells(row: Row) -> list[str]:
    """Return the cells of a setting below ``MAIN``: counts, mean, ratio, wins, and the test."""
    pair = row.against
    return [
        row.setting,
        *(str(n) for n in (row.solved, row.limits, row.wrong, row.failed)),
        number(row.sgm),
        _ratio(pair),
        interval_text(pair.interval) if pair else MISSING,
        f"{pair.wins}/{pair.ties}/{pair.losses}" if pair else MISSING,
        number(pair.p_holm, 2) if pair else MISSING,
    ]


def more_table(table: Table) -> tuple[list[str], list[list[str]]]:
    """Return header and cells of nodes, penalised means, integrals, variability, solved."""
    header, *rows = _without_empty([list(MORE), *(_more_cells(row) for row in table.rows)])
    return header, rows


def subset_table(comparison: Comparison) -> tuple[list[str], list[list[str]]]:
    """Return header and cells of the ratio to the baseline, a row a setting, a column a subset."""
    tables = comparison.tables
    rows = [
        ["blocks", *(str(table.n_blocks) for table in tables)],
        *(
            [name, *(_ratio(table.row(name).against) for table in tables)]
            for name in comparison.settings[1:]
        ),
    ]
    return ["ratio on", *(_short(table.subset) for table in tables)], rows


def group_table(groups: Mapping[str, Comparison], by: str) -> str:
    """Return a row for each group of instances and each setting."""
    return fitting(_grouped(groups, by, width) for width in WIDTHS)


def tables_of(groups: Mapping[str, Comparison], by: str | None) -> tuple[Table, ...]:
    """Return the table of each group of instances, named like ``family=gap``."""
    return tuple(replace(each.tables[0], subset=f"{by}={name}") for name, each in groups.items())


def interval_text(interval: Interval | None) -> str:
    """Return the interval, e.g. ``0.91..1.02``, or a dash."""
    if interval is None:
        return MISSING
    return f"{_factor(interval.low)}..{_factor(interval.high)}"


def number(value: float | None, digits: int = 4) -> str:
    """Return a number in few digits, or a dash."""
    return MISSING if value is None else f"{value:.{digits}g}"


def _sections(comparison: Comparison, width: int) -> str:
    whole = comparison.tables[0]
    names = told_apart(comparison.settings, width)
    sections = (
        basis_text(comparison),
        _table(list(MAIN), [main_cells(row) for row in whole.rows], names),
        _table(*more_table(whole), names),
        _best(whole, comparison.basis, names),
        _table(*subset_table(comparison), names) if len(comparison.tables) > 1 else "",
        in_full(comparison.settings, width),
    )
    return "\n\n".join(section for section in sections if section)


def _table(header: list[str], rows: list[list[str]], names: Mapping[str, str]) -> str:
    return render(header, [[names.get(name, name), *cells] for name, *cells in rows])


def _grouped(groups: Mapping[str, Comparison], by: str, width: int) -> str:
    rows = []
    for group, comparison in groups.items():
        table = comparison.tables[0]
        names = told_apart(comparison.settings, width)
        for name in comparison.settings:
            _, solved, limits, wrong, failed, *rest = main_cells(table.row(name))
            counts = f"{solved}/{limits}/{wrong}/{failed}"
            first = shortened(group, width) if name == comparison.baseline else ""
            n = str(table.n_instances) if first else ""
            rows.append([first, names[name], n, counts, *rest[:-1]])
    header = (by, "setting", "n", "solved/lim/wrong/failed", *MAIN[5:-1])
    return render(header, rows, left=2)


def _more_cells(row: Row) -> list[str]:
    pair, spread = row.against, row.variability
    return [
        row.setting,
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


def _best(table: Table, basis: Basis, names: Mapping[str, str]) -> str:
    virtual, single = table.virtual_best, table.single_best
    by_sgm, by_par10 = (names.get(name or "", MISSING) for name in (single.by_sgm, single.by_par10))
    return filled(
        f"virtual best: {virtual.solved} solved, sgm {number(virtual.sgm)} {basis.unit}; "
        f"single best: {by_sgm} (sgm), {by_par10} (PAR10)"
    )


def _without_empty(rows: Sequence[Sequence[str]]) -> list[list[str]]:
    """Leave out the columns in which no row but the header says anything."""
    kept = [column for column in zip(*rows, strict=True) if set(column[1:]) != {MISSING}]
    return [list(row) for row in zip(*kept, strict=True)]


def _ratio(pair: Paired | None) -> str:
    return MISSING if pair is None or pair.ratio is None else _factor(pair.ratio)


def _factor(value: float) -> str:
    """Return three decimals, or four digits where that is less."""
    return f"{value:.3f}" if value < 10 else f"{value:.4g}"


def _short(subset: str) -> str:
    return {"all-optimal": "all-opt", "different-limits": "diff-lim"}.get(subset, subset)


def _listed(values: Sequence[float]) -> str:
    return ", ".join(f"{value:g}" for value in values)


def _plural(word: str, n: int) -> str:
    return word if n == 1 else f"{word}s"
