"""Write what the docs say of a result's fields: fields.md, and tables of mlflow-layout.md.

Execute it by ``make docs`` after a change of `bench.model.results.fields`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from bench.model.results.fields import FIELDS, NOT_IN_THE_TABLE, PARTS, Field

FOLDER = Path(__file__).parent
PAGE = FOLDER / "fields.md"
LAYOUT = FOLDER / "mlflow-layout.md"
PLACES = ("param", "metric", "tag", "series", "detail")

_HEAD = """\
# The fields of a result

`make docs` generates this page from `bench/model/results/fields.py`. To change it, change that \
file.

The column names are those of `results.parquet`, of `--json`, and of files that `bench compare` \
reads. In a name, `<...>` is a placeholder. The column *needed* marks the columns that a stored \
table must have if it is judged again. Any other column may be missing, as in tables of earlier \
versions, and is then null. [mlflow-layout.md](mlflow-layout.md) lists the names in MLflow by kind \
of run.
"""
_LEFT_OUT = """
## Left out of the table

These are in the journal, where each line has everything.
"""


def fields_page() -> str:
    """Return the text of fields.md."""
    return "\n".join((_HEAD, *map(_part, PARTS, PARTS.values()), _LEFT_OUT, _left_out(), ""))


def layout_page(text: str) -> str:
    """Return mlflow-layout.md with its marked tables made anew."""
    for place in PLACES:
        before, rest = text.split(f"<!-- {place} -->", 1)
        _, after = rest.split("<!-- end -->", 1)
        text = f"{before}<!-- {place} -->\n\n{_meanings(place)}\n\n<!-- end -->{after}"
    return text


def _meanings(place: str) -> str:
    """Return a table of the names in a place of MLflow, those of one meaning in one row."""
    names: dict[str, list[str]] = {}
    for field in FIELDS:
        if name := getattr(field, place):
            names.setdefault(field.meaning, []).append(f"`{name}`")
    return _table(("name", "meaning"), ((", ".join(own), one) for one, own in names.items()))


def _part(title: str, fields: Iterable[Field]) -> str:
    header = ("column", "type", "unit", "needed", "MLflow", "in reports", "attribute", "meaning")
    return f"\n## {title}\n\n{_table(header, map(_row, fields))}"


def _row(field: Field) -> Sequence[str]:
    kind = field.kind.dtype if field.column else ""
    places = (f"{place} `{name}`" for place in PLACES if (name := getattr(field, place)))
    return (
        _code(field.column),
        kind,
        field.unit,
        "needed" if field.needed else "",
        ", ".join(places),
        field.label,
        _code(field.path),
        field.meaning,
    )


def _left_out() -> str:
    rows = ((_code(path), reason) for path, reason in NOT_IN_THE_TABLE.items())
    return _table(("attribute", "why"), rows)


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _code(name: str) -> str:
    return f"`{name}`" if name else ""


if __name__ == "__main__":
    PAGE.write_text(fields_page())
    LAYOUT.write_text(layout_page(LAYOUT.read_text()))
