"""The page: all parts combined and rendered; the same results give the same bytes."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import jinja2
from markupsafe import Markup

from bench.comparison.compare import compare, prepare
from bench.comparison.comparison import Comparison
from bench.comparison.normalize import with_distinct_settings
from bench.comparison.options import Options, measure_label
from bench.comparison.sources import RecordedResults
from bench.comparison.wording.narrative import Conclusion, conclusions, headline
from bench.model.colours import COLOURS
from bench.model.results.result import Result
from bench.report.comparison_formats import to_text
from bench.report.figures.drawing import MARKS, drawing
from bench.report.figures.settings import SETTING_FIGURES, solved_figure
from bench.report.instance_table import FILTER_TEXTS
from bench.report.page import conditions
from bench.report.page.conditions import FACTS
from bench.report.page.instances import HEADER, bounds_drawings, instance_rows, longest
from bench.report.page.results import WORDS, ResultRows, logs, result_rows
from bench.report.page.settings import ALONE, SettingRows, alone_rows, changes, setting_rows
from bench.report.page.side_by_side import SideBySideRows, side_by_side_rows
from bench.report.rendering import environment
from bench.report.result_tables import MARKED

ORDER = ["instance", "setting", "seed", "permutation"]
STATIC_ROWS = 200
"""The number of rows of results without JavaScript."""
STATIC_PROBLEMS = 50
_DANGEROUS = re.compile("<(?=[/!sS])")
"""Texts that could end a script, or begin a comment or another script."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparisonSection:
    """The comparison of settings on a page.

    ``main`` is the conclusion in the headline, ``others`` are all others.
    """

    json: str
    headline: str
    main: Conclusion | None
    others: tuple[Conclusion, ...]
    comparison: Comparison
    rows: SettingRows
    side: SideBySideRows


def report_page(recorded: RecordedResults, options: Options, commands: Sequence[str]) -> str:
    """Return the report as one HTML file that needs no network.

    ``commands`` repeat it. With one setting there is no comparison, and the page says so. Raise
    UsageError if there is nothing to compare, or if the results must not be compared.
    """
    recorded = replace(recorded, table=recorded.table.sort_values(ORDER, kind="stable"))
    table = with_distinct_settings(recorded.table)
    several = table["setting"].nunique() > 1
    comparison = compare(recorded.table, options) if several else None
    ready = prepare(recorded.table, options) if several else None
    figures = (
        {name: drawing(make(ready, ready.options)) for name, make in SETTING_FIGURES.items()}
        if ready
        else {"cactus": drawing(solved_figure(table, options))}
    )
    known = conditions.conditions(table, recorded.results, comparison)
    side = side_by_side_rows(recorded.table, ready, ready.options) if ready else None
    results = _results(replace(recorded, table=table))
    content = {
        "title": ", ".join(recorded.names),
        "compared": _compared(comparison, side) if comparison and side else None,
        "facts": tuple((label, dict(known)[label]) for label in FACTS if label in dict(known)),
        "left_out": recorded.left_out,
        "measure": measure_label(options.of),
        "alone": alone_rows(table),
        "alone_header": ALONE,
        "settings": changes(table),
        "figures": figures,
        "bounds": bounds_drawings(recorded.results, comparison.settings if comparison else ()),
        "longest": longest(recorded.results),
        "has_journal": bool(recorded.results),
        "results": results,
        "data": results.tree | {"side": side.tree if side else None},
        "instances": instance_rows(table, recorded.results),
        "instances_header": HEADER,
        "conditions": known,
        "disturbances": conditions.disturbances(table),
        "disturbed": conditions.disturbed_tasks(table),
        "checks": conditions.checks(table),
        "lint": conditions.lint(table),
        "commands": tuple(command for command in commands if command),
    }
    return _environment().get_template("report.html").render(content)


def _compared(comparison: Comparison, side: SideBySideRows) -> ComparisonSection:
    found = conclusions(comparison)
    told = headline(comparison)
    main = next((each for each in found if told.startswith(each.sentence)), None)
    return ComparisonSection(
        json=to_text(comparison, "json", [each.sentence for each in found]),
        headline=told,
        main=main,
        others=tuple(each for each in found if each is not main),
        comparison=comparison,
        rows=setting_rows(comparison),
        side=side,
    )


def _results(recorded: RecordedResults) -> ResultRows:
    known = {(each.task.key, each.execution.started_at): each for each in recorded.results}
    keys = recorded.table[["key", "started_at"]].itertuples(index=False)
    found: list[Result | None] = [known.get((key, started_at)) for key, started_at in keys]
    return result_rows(recorded.table, logs(found if recorded.shows_logs else ()))


@cache
def _environment() -> jinja2.Environment:
    """Return the templates with the functions that only the page needs."""
    pages = environment()
    pages.filters["script_json"] = script_json
    pages.filters["quoted"] = lambda text: script_json(json.dumps(str(text)))
    pages.globals |= {
        "marks": MARKS,
        "colours": COLOURS,
        "static_rows": STATIC_ROWS,
        "static_problems": STATIC_PROBLEMS,
        "filter_texts": FILTER_TEXTS,
        "word_columns": WORDS,
        "marked": MARKED,
    }
    return pages


def script_json(value: Any) -> Markup:
    """Return JSON for use in a script: no character in it can end the script.

    A text is already JSON, so that its numbers stay as they are written.
    """
    plain = value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))
    return Markup(_DANGEROUS.sub(r"\\u003c", plain))  # noqa: S704 - that is what it is for
