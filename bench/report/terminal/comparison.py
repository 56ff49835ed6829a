"""A comparison of settings as tables for the terminal, in lines of at most 100 characters."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from bench.comparison.comparison import Basis, Comparison, SubsetTable
from bench.comparison.look import Look
from bench.comparison.options import FAILURES_TEXT, Failures, measure_text
from bench.comparison.wording.narrative import ConclusionKind, conclusions, headline
from bench.report.comparison_tables import (
    CONCLUSION,
    FURTHER,
    MAIN,
    MORE,
    further_columns,
    machine_grid,
    subset_rows,
    summary_grid,
)
from bench.report.tables import PLAIN, Grid, grid
from bench.report.terminal.table import (
    WIDTHS,
    disambiguate,
    filled,
    fitting,
    render,
    render_fitting,
    shortened,
    with_full_names,
)

SUBSETS, MACHINES, BEST = "subsets", "machines", "best"
TABLES = (*FURTHER, SUBSETS, MACHINES, BEST)
"""The further tables, by name."""
TABLE_NOTES = {
    "counts": "disturbed: results that an external slowdown disturbed.",
    "nodes": "nodes: shifted geometric mean, shift 100.",
    "tests": "interval: of the ratio; p (Holm): Wilcoxon test of the ratios, adjusted for all "
    "settings; solved +/-: instances solved more or less often than by the baseline; p: McNemar "
    "test of these.",
    "penalised": "PAR2, PAR10: mean time in s, where unsolved tasks count 2 or 10 times the time "
    "limit; rank: mean rank over the instances, 1 is best.",
    "integrals": "Mean integrals of the gap over time in s: of the primal bound, of the dual "
    "bound, and of both (p-d).",
    "variability": "Over the seeds of an instance, averaged over the instances: CV: standard "
    "deviation over mean; max/min: largest over smallest value.",
    SUBSETS: "Pairs by subset: clean: no setting is wrong or failed; affected: one "
    "setting solves it, and the search differs; [a,T]: one setting solves it, and one took a s or "
    "more; all-opt: all settings solve it; diff-lim: some settings solve it, not all.",
    MACHINES: "reference s: median time of the reference solve on the machine; ratio: to the "
    "baseline, on the pairs of this machine alone.",
    BEST: "virtual best: the best setting of each pair; single best: the best setting for all.",
}
"""What the columns of each further table mean."""
DISPENSABLE = ("win/tie/loss", "wrong/failed", "interval", "solved")
"""Columns to leave out on a narrow terminal, the first one first."""
STYLES = {
    ConclusionKind.BETTER.value: "bold green",
    ConclusionKind.WORSE.value: "bold red",
    ConclusionKind.FAILS_MORE.value: "bold red",
    ConclusionKind.FAILS_LESS.value: "green",
}


def comparison_text(comparison: Comparison) -> str:
    """Return the basis of the numbers, and the main table that shows which setting is better.

    Names are shortened as necessary; those that would then look alike are numbered.
    """
    return fitting(_attempts(lambda width, spare: _summary(comparison, width, spare)))


def all_tables_text(comparison: Comparison) -> str:
    """Return the main table and all further tables."""
    further = [table_text(comparison, name) for name in TABLES]
    return "\n\n".join([comparison_text(comparison), *filter(None, further)])


def table_text(comparison: Comparison, name: str) -> str:
    """Return one of the further `TABLES` under its name; nothing if it is empty."""
    text = fitting(_attempts(lambda width, spare: _further(comparison, name, width, spare)))
    return text and f"{name}:\n{text}\n{filled(TABLE_NOTES[name])}"


def headline_text(comparison: Comparison) -> str:
    """Return the last line, the conclusion, in lines of at most 100 characters."""
    return filled(headline(comparison))


def warnings_text(comparison: Comparison) -> str:
    """Return the caveats about the last line; nothing if there are none."""
    return "\n".join(filled(f"Warning: {warning}") for warning in comparison.warnings)


def basis_text(comparison: Comparison) -> str:
    """Return as text what is compared, on which pairs, under which limits, and how."""
    basis = comparison.basis
    clip = f", values below {basis.clip:g} count as {basis.clip:g}" if basis.clip else ""
    limits = [
        f"{name} limit {_listed(values)} {unit}"
        for name, values, unit in (
            ("time", basis.time_limits_s, "s"),
            ("memory", basis.memory_limits_mib, "MiB"),
        )
        if values
    ]
    pairs = (
        f"{basis.n_blocks} pairs (instance, seed) that all {len(comparison.settings)} settings have"
    )
    measure = measure_text(basis.measure, basis.unit)
    mean = f"shifted geometric mean of the {measure} (shift {basis.shift:g}{clip})"
    failures = f"wrong and failed results: {FAILURES_TEXT[Failures(basis.failures)]}"
    level = f"{100 * basis.level:g} % confidence"
    ratio = f"ratio: mean over that of the baseline, below 1 is better; interval: {level}."
    sentences = [
        f"Baseline {comparison.baseline}; {pairs}: {extent(basis)}.",
        f"mean: {'; '.join([mean, failures, *limits])}.",
        ratio,
    ]
    if (look := comparison.look) is not None:
        sentences.append(f"Sequential: {look_text(look)}.")
    return "\n".join(map(filled, sentences))


def look_text(look: Look) -> str:
    """Return the look of the results, and its level."""
    if not look.is_reached:
        return f"before the first look, which needs {look.size} of {look.last} instances"
    return (
        f"look {len(look.sizes)} at {look.size} of {look.last} instances, level {look.level:.2g} "
        f"of {look.total:g} ({look.method}); its intervals hold at all looks together"
    )


def extent(basis: Basis) -> str:
    """Return the number of instances and seeds, e.g. ``36 instances x 3 seeds``."""
    draws = [f"{basis.n_instances} {_plural('instance', basis.n_instances)}"]
    for what, values in (("seed", basis.seeds), ("permutation", basis.permutations)):
        if what == "seed" or len(values) > 1:
            draws.append(f"{len(values)} {_plural(what, len(values))}")
    return " x ".join(draws)


def subset_grid(comparison: Comparison) -> Grid:
    """Return the ratio to the baseline, with a row per setting and a column per subset."""
    tables = comparison.tables
    pairs = ("pairs", *(str(table.n_blocks) for table in tables))
    header = ("ratio on", *(_short(table.subset) for table in tables))
    return Grid(header, (pairs, *subset_rows(comparison)))


def more_grid(table: SubsetTable) -> Grid:
    """Return nodes, penalised means, integrals and variability, if they are known."""
    return grid(MORE, table.rows).without_empty(PLAIN.missing)


def group_table(groups: Mapping[str, Comparison], by: str) -> str:
    """Return a row for each group of instances and each setting."""
    return fitting(_grouped(groups, by, width) for width in WIDTHS)


def looks_table(looks: Sequence[Comparison]) -> str:
    """Return a row for each look and setting, with the results at that time."""
    return fitting(_looks(looks, width) for width in WIDTHS)


def _looks(looks: Sequence[Comparison], width: int) -> str:
    rows = []
    for comparison in looks:
        if (look := comparison.look) is None:
            continue
        names = disambiguate(comparison.settings, width)
        for at, found in enumerate(conclusions(comparison)):
            difference = comparison.tables[0].row(found.setting).against
            interval = difference.interval if difference else None
            ratio = difference.ratio if difference else None
            p = difference.p_holm if difference else None
            ends = f"{interval.low:.3f}..{interval.high:.3f}" if interval else PLAIN.missing
            rows.append(
                [
                    f"{look.size} of {look.last}" if not at else "",
                    names[found.setting],
                    f"{look.level:.2g}" if not at else "",
                    PLAIN.number(ratio),
                    ends,
                    PLAIN.missing if p is None else f"{p:.2g}",
                    found.outcome.value,
                ]
            )
    header = ("look", "setting", "level", "ratio", "interval", "p (Holm)", "conclusion")
    return render(header, rows, left=2)


def tables_of(groups: Mapping[str, Comparison], by: str | None) -> tuple[SubsetTable, ...]:
    """Return the table of each group of instances, named like ``family=gap``."""
    return tuple(replace(each.tables[0], subset=f"{by}={name}") for name, each in groups.items())


def _attempts(text: Callable[[int, Sequence[str]], str]) -> Iterator[str]:
    """Yield a text with shorter and shorter names, and last without dispensable columns."""
    for width in WIDTHS:
        yield text(width, ())
    yield text(WIDTHS[-1], DISPENSABLE)


def _summary(comparison: Comparison, width: int, spare: Sequence[str]) -> str:
    content = summary_grid(comparison)
    sections = (
        basis_text(comparison),
        _table(content, disambiguate(comparison.settings, width), spare, last_left=True),
        with_full_names(comparison.settings, width),
    )
    return "\n\n".join(section for section in sections if section)


def _further(comparison: Comparison, name: str, width: int, spare: Sequence[str]) -> str:
    whole = comparison.tables[0]
    names = disambiguate(comparison.settings, width)
    if name == SUBSETS:
        return _table(subset_grid(comparison), names, spare) if len(comparison.tables) > 1 else ""
    if name == MACHINES:
        return _machines(comparison, names, width)
    if name == BEST:
        return _best(whole, comparison.basis, names)
    content = grid(further_columns(name), whole.rows).without_empty(PLAIN.missing)
    return _table(content, names, spare) if len(content.header) > 1 else ""


def _table(
    content: Grid, names: Mapping[str, str], spare: Sequence[str], *, last_left: bool = False
) -> str:
    rows = [[names.get(name, name), *cells] for name, *cells in content.rows]
    if last_left:
        width = max(map(len, (content.header[-1], *(row[-1] for row in rows))))
        rows = [[*row[:-1], row[-1].ljust(width)] for row in rows]
    if not spare:
        return render(content.header, rows, paint=_style)
    return render_fitting(content.header, rows, dispensable=spare, paint=_style)


def _style(column: str, cell: str) -> str:
    if column == CONCLUSION:
        return STYLES.get(cell.strip(), "")
    is_bad = column in {"wrong/failed", "wrong", "failed"} and cell != "0"
    return "bold red" if is_bad else ""


def _grouped(groups: Mapping[str, Comparison], by: str, width: int) -> str:
    rows = []
    for group, comparison in groups.items():
        table = comparison.tables[0]
        names = disambiguate(comparison.settings, width)
        for name, solved, limits, wrong, failed, *rest in grid(MAIN, table.rows).rows:
            counts = f"{solved}/{limits}/{wrong}/{failed}"
            first = shortened(group, width) if name == comparison.baseline else ""
            n = str(table.n_instances) if first else ""
            rows.append([first, names[name], n, counts, *rest[:-1]])
    means = [column.name for column in MAIN[5:-1]]
    header = (by, "setting", "n", "solved/limit/wrong/failed", *means)
    return render(header, rows, left=2)


def _machines(comparison: Comparison, names: Mapping[str, str], width: int) -> str:
    content = machine_grid(comparison)
    if content is None:
        return ""
    machines = [row[0] for row in content.rows if row[0]]
    brief = disambiguate(machines, width)
    rows = [
        [brief.get(machine, machine), n_pairs, reference, names.get(setting, setting), *rest]
        for machine, n_pairs, reference, setting, *rest in content.rows
    ]
    table = render(content.header, rows)
    return "\n\n".join(filter(None, (table, with_full_names(machines, width))))


def _best(table: SubsetTable, basis: Basis, names: Mapping[str, str]) -> str:
    virtual, single = table.virtual_best, table.single_best
    by_sgm, by_par10 = (
        names.get(name or "", PLAIN.missing) for name in (single.by_sgm, single.by_par10)
    )
    return filled(
        f"virtual best: {virtual.solved} solved, mean {PLAIN.number(virtual.sgm)} {basis.unit}; "
        f"single best: {by_sgm} (mean), {by_par10} (PAR10)"
    )


def _short(subset: str) -> str:
    return {"all-optimal": "all-opt", "different-limits": "diff-lim"}.get(subset, subset)


def _listed(values: Sequence[float]) -> str:
    return ", ".join(f"{value:g}" for value in values)


def _plural(word: str, n: int) -> str:
    return word if n == 1 else f"{word}s"
