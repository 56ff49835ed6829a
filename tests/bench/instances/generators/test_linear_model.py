"""The model writers: SCIP and HiGHS read exactly the model that was written."""

from __future__ import annotations

import math
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import highspy
import pyscipopt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.instances.generators.linear_model import (
    LinearModel,
    ModelBuilder,
    ModelColumn,
    ModelRow,
    Number,
    ones,
    to_lp,
    to_mps,
)

WRITERS = pytest.mark.parametrize(
    ("writer", "suffix"), [(to_mps, ".mps"), (to_lp, ".lp")], ids=["mps", "lp"]
)
Writer = Callable[[LinearModel], str]
NUMBERS = st.integers(-999, 999) | st.decimals(-99, 99, places=2)


@dataclass(frozen=True)
class Seen:
    """What a reader understood: everything by name, numbers as floats, no zero entries."""

    maximise: bool
    columns: dict[str, tuple[float, float, float, bool]]
    rows: dict[str, tuple[float, float, dict[str, float]]]


def _seen(model: LinearModel) -> Seen:
    def number(value: Number | None, infinite: float) -> float:
        return infinite if value is None else float(value)

    columns = {
        c.name: (
            float(c.objective),
            number(c.lower, -math.inf),
            number(c.upper, math.inf),
            c.is_integral,
        )
        for c in model.columns
    }
    rows = {
        r.name: (
            number(r.lower, -math.inf),
            number(r.upper, math.inf),
            {model.columns[index].name: float(value) for value, index in r.terms},
        )
        for r in model.rows
    }
    return Seen(model.maximise, columns, rows)


def _with_one_side(model: LinearModel) -> LinearModel:
    rows = (replace(r, upper=None) if r.lower is not None else r for r in model.rows)
    return replace(model, rows=tuple(rows))


def _seen_by_highs(path: Path) -> Seen:
    solver: Any = highspy.Highs()  # type: ignore[no-untyped-call]
    solver.silent()
    assert solver.readModel(str(path)) == highspy.HighsStatus.kOk
    lp = solver.getLp()
    kinds = [kind == highspy.HighsVarType.kInteger for kind in lp.integrality_]
    kinds = kinds or [False] * lp.num_col_
    columns = {
        name: (lp.col_cost_[j], lp.col_lower_[j], lp.col_upper_[j], kinds[j])
        for j, name in enumerate(lp.col_names_)
    }
    rows: dict[str, tuple[float, float, dict[str, float]]] = {
        name: (lp.row_lower_[i], lp.row_upper_[i], {}) for i, name in enumerate(lp.row_names_)
    }
    matrix = lp.a_matrix_
    start, index, value = list(matrix.start_), list(matrix.index_), list(matrix.value_)
    for j, name in enumerate(lp.col_names_):
        for entry in range(start[j], start[j + 1]):
            if value[entry]:
                rows[lp.row_names_[index[entry]]][2][name] = value[entry]
    return Seen(lp.sense_ == highspy.ObjSense.kMaximize, columns, rows)


def _seen_by_scip(path: Path) -> Seen:
    def number(value: float) -> float:
        return math.copysign(math.inf, value) if abs(value) >= 1e20 else value

    model: Any = pyscipopt.Model()
    model.hideOutput()
    model.readProblem(str(path))
    columns = {
        v.name: (
            v.getObj(),
            number(v.getLbOriginal()),
            number(v.getUbOriginal()),
            v.vtype() != "CONTINUOUS",
        )
        for v in model.getVars()
    }
    rows = {
        c.name: (
            number(model.getLhs(c)),
            number(model.getRhs(c)),
            {name: value for name, value in model.getValsLinear(c).items() if value},
        )
        for c in model.getConss()
    }
    return Seen(model.getObjectiveSense() == "maximize", columns, rows)


@st.composite
def _bounds(draw: st.DrawFn) -> tuple[int | None, int | None]:
    lower = draw(st.none() | st.integers(-9, 9))
    width = draw(st.none() | st.integers(0, 9))
    if lower is None:
        return None, width
    return lower, None if width is None else lower + width


@st.composite
def _models(draw: st.DrawFn) -> LinearModel:
    columns = tuple(
        ModelColumn(f"x_{j}", draw(NUMBERS), *draw(_bounds()), is_integral=draw(st.booleans()))
        for j in range(draw(st.integers(1, 6)))
    )
    coefficient = NUMBERS.filter(bool)
    rows = []
    for i in range(draw(st.integers(0, 5))):
        used = draw(st.lists(st.integers(0, len(columns) - 1), unique=True))
        lower, upper = draw(_bounds().filter(lambda sides: sides != (None, None)))
        rows.append(ModelRow(f"r_{i}", tuple((draw(coefficient), j) for j in used), lower, upper))
    return LinearModel("drawn", columns, tuple(rows), draw(st.booleans()), "a comment")


def _check(model: LinearModel, writer: Writer, suffix: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"model{suffix}"
        path.write_text(writer(model), encoding="ascii")
        assert _seen_by_highs(path) == _seen_by_scip(path) == _seen(model)


@pytest.mark.slow
@settings(deadline=None)
@given(model=_models())
def test_a_model_in_mps_format_is_read_back_exactly(model: LinearModel) -> None:
    """Names, sense, objective, bounds, integrality, sides and entries all survive."""
    _check(model, to_mps, ".mps")


@pytest.mark.slow
@settings(deadline=None)
@given(model=_models())
def test_a_model_in_lp_format_is_read_back_exactly(model: LinearModel) -> None:
    """The same holds in LP format, for equations and rows with one side."""
    has_two_sides = any(None not in (r.lower, r.upper) and r.lower != r.upper for r in model.rows)
    _check(_with_one_side(model) if has_two_sides else model, to_lp, ".lp")


def test_a_row_with_two_sides_becomes_two_rows_in_lp_format() -> None:
    """The readers disagree about ranged rows in LP format, so none is written."""
    builder = ModelBuilder("ranged")
    x = builder.binary("x", 1)
    builder.row("r", ones([x]), -1, 5)
    lines = to_lp(builder.build()).splitlines()
    assert " r_lower: + 1 x >= -1" in lines
    assert " r_upper: + 1 x <= 5" in lines


@WRITERS
def test_decimals_are_written_without_exponent(writer: Writer, suffix: str) -> None:
    """A tiny or huge decimal stands in plain notation, which every reader understands."""
    builder = ModelBuilder("decimals")
    builder.continuous("x", Decimal("1E-7"), upper=Decimal("1E+3"))
    text = writer(builder.build())
    assert "0.0000001" in text, suffix
    assert "1000" in text, suffix


@WRITERS
def test_the_comment_stands_in_the_first_line(writer: Writer, suffix: str) -> None:
    """A generated file says at its top where it comes from."""
    model = LinearModel(
        "m", (ModelColumn("x", 1, 0, 1, is_integral=True),), (), comment="made here"
    )
    assert writer(model).splitlines()[0] in {"* made here", "\\ made here"}, suffix


def test_terms_of_one_column_are_summed_and_zeros_left_out() -> None:
    """No entry occurs twice, as SCIP would sum the two and HiGHS keep the first."""
    builder = ModelBuilder("sums")
    x, y = builder.binary("x", 1), builder.binary("y", 1)
    builder.at_most("r", [(2, x), (1, y), *ones([x]), (-1, y)], 4)
    assert builder.build().rows[0].terms == ((3, x),)


def test_a_row_without_sides_is_refused() -> None:
    """A free row would become a second objective in MPS format."""
    builder = ModelBuilder("free")
    x = builder.binary("x", 1)
    with pytest.raises(ValueError, match="row r has neither"):
        builder.row("r", ones([x]), None, None)
