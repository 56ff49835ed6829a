"""Reading an instance with HiGHS."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from highspy import Highs, HighsStatus, HighsVarType, MatrixFormat, ObjSense

from bench.errors import ContentError, InstanceError
from bench.instances.files import content, file_format
from bench.model.instances.linear_program import Column, LinearProgram, Row
from bench.model.instances.problem import Sense
from bench.model.instances.program_arrays import ProgramArrays
from bench.model.setting import ParameterValue
from bench.solvers.captured_output import captured_output
from bench.solvers.linear_programs import checked

UNALTERED = {"small_matrix_value": 1e-12, "large_matrix_value": math.inf, "infinite_cost": math.inf}
"""Options with which the reader drops and rejects as few coefficients as possible."""
CONTINUOUS = frozenset({HighsVarType.kContinuous, HighsVarType.kSemiContinuous})
LARGEST_HESSIAN = 2000
"""The largest number of columns with quadratic terms that are checked: 0.2 s and 100 MiB."""
_DEFINITE = 1e-9
"""Added to the diagonal, relative to the largest entry, against rounding."""
NO_ZLIB = "without zlib"
"""The message of wheels before 1.11 about a compressed file, which they then get uncompressed."""
SEMI = frozenset({HighsVarType.kSemiContinuous, HighsVarType.kSemiInteger})


class _Silent(Highs):
    """A HiGHS object that prints its banner only when it reads a file (1.16: on creation)."""

    def enableCallbacks(self) -> None:  # noqa: N802
        """Enable callbacks without printing."""
        self.setOptionValue("output_flag", False)
        super().enableCallbacks()  # type: ignore[no-untyped-call]
        self.setOptionValue("output_flag", True)


_MAKE: Callable[[], Highs] = _Silent


def new(**options: ParameterValue) -> Highs:
    """Return a new object with some options set; nothing is printed."""
    highs = _MAKE()
    for name, value in options.items():
        highs.setOptionValue(name, value)
    return highs


def read(highs: Highs, path: Path) -> tuple[str, ...]:
    """Read the file into an empty object and return the reader's warnings.

    Raise InstanceError with HiGHS's own reason, which it only prints.
    """
    _refuse_nan(path)
    status, lines = _read(highs, path)
    if status == HighsStatus.kError and any(NO_ZLIB in line for line in lines):
        with TemporaryDirectory() as folder:
            plain = Path(folder) / path.name.removesuffix(".gz")
            with plain.open("wb") as file:
                file.writelines(content(path))
            status, lines = _read(highs, plain)
    if status == HighsStatus.kError:
        raise InstanceError(f"HiGHS refuses {path.name}: {reason(lines)}")
    warnings = tuple(line for line in lines if line.startswith("WARNING"))
    for warning in warnings:
        if "have the same name" in warning:
            raise InstanceError(f"HiGHS refuses {path.name}: {reason([warning])}")
    return warnings


def _read(highs: Highs, path: Path) -> tuple[HighsStatus, list[str]]:
    """Read a file with HiGHS; return its status and its output lines."""
    with captured_output() as text:
        status = highs.readModel(str(path))
    return status, [line.strip() for line in text().splitlines()]


def program(highs: Highs) -> LinearProgram:
    """Return the problem in file order; raise InstanceError if it is invalid."""
    lp = highs.getLp()
    types = lp.integrality_ or [HighsVarType.kContinuous] * lp.num_col_
    n_semi = sum(kind in SEMI for kind in types)
    n_quadratic = highs.getHessianNumNz()
    if len(lp.col_names_) != lp.num_col_ or len(lp.row_names_) != lp.num_row_:
        raise InstanceError("HiGHS did not return the names of all rows and columns")
    columns = map(
        Column,
        lp.col_names_,
        _plain(lp.col_lower_),
        _plain(lp.col_upper_),
        _plain(lp.col_cost_),
        [kind not in CONTINUOUS for kind in types],
    )
    return checked(
        LinearProgram(
            columns=tuple(columns),
            rows=_rows(lp),
            sense=Sense.MINIMIZE if lp.sense_ == ObjSense.kMinimize else Sense.MAXIMIZE,
            objective_offset=lp.offset_,
            beyond=(
                *([f"quadratic terms of the objective: {n_quadratic}"] if n_quadratic else []),
                *([f"semi-continuous columns: {n_semi}"] if n_semi else []),
            ),
        )
    )


def arrays(highs: Highs) -> ProgramArrays | None:
    """Return the problem as arrays, in file order.

    None if it has quadratic terms, semi-continuous columns or rows and columns without names.
    """
    lp = highs.getLp()
    types = lp.integrality_ or [HighsVarType.kContinuous] * lp.num_col_
    matrix = lp.a_matrix_
    has_names = len(lp.col_names_) == lp.num_col_ and len(lp.row_names_) == lp.num_row_
    is_by_columns = not lp.num_row_ or matrix.format_ == MatrixFormat.kColwise
    if highs.getHessianNumNz() or not has_names or not is_by_columns or not SEMI.isdisjoint(types):
        return None
    return ProgramArrays(
        column_names=list(lp.col_names_),
        lower=np.array(lp.col_lower_, dtype=np.float64),
        upper=np.array(lp.col_upper_, dtype=np.float64),
        objective=np.array(lp.col_cost_, dtype=np.float64),
        integral=np.array([kind not in CONTINUOUS for kind in types], dtype=np.bool_),
        row_names=list(lp.row_names_),
        lhs=np.array(lp.row_lower_, dtype=np.float64),
        rhs=np.array(lp.row_upper_, dtype=np.float64),
        rows=np.asarray(matrix.index_, dtype=np.int64),
        columns=np.repeat(np.arange(lp.num_col_), np.diff(matrix.start_)),
        coefficients=np.array(matrix.value_, dtype=np.float64),
        sense=Sense.MINIMIZE if lp.sense_ == ObjSense.kMinimize else Sense.MAXIMIZE,
        objective_offset=float(lp.offset_),
    )


def is_convex(highs: Highs) -> bool:
    """Return whether the quadratic terms of the objective are convex for its sense.

    HiGHS itself checks only the diagonal, and otherwise reports optimal where its method ended,
    which may be any stationary point. True if there are too many columns to check.
    """
    hessian = highs.getModel().hessian_
    starts = np.asarray(hessian.start_, dtype=np.int64)
    rows, values = np.asarray(hessian.index_, dtype=np.int64), np.asarray(hessian.value_)
    used = np.repeat(np.arange(len(starts) - 1), np.diff(starts))
    columns, places = np.unique(np.concatenate([rows, used]), return_inverse=True)
    if not 0 < len(columns) <= LARGEST_HESSIAN:
        return True
    matrix = np.zeros((len(columns), len(columns)))
    ones, others = places[: len(rows)], places[len(rows) :]
    matrix[ones, others] = matrix[others, ones] = values
    if highs.getLp().sense_ == ObjSense.kMaximize:
        matrix = -matrix
    slack = _DEFINITE * max(1.0, float(np.abs(matrix).max()))
    try:
        np.linalg.cholesky(matrix + slack * np.eye(len(columns)))
    except np.linalg.LinAlgError:
        return False
    return True


def _rows(lp: Any) -> tuple[Row, ...]:
    """Return the rows of a matrix that is stored by columns, without changing it."""
    matrix = lp.a_matrix_
    if lp.num_row_ and matrix.format_ != MatrixFormat.kColwise:
        raise InstanceError("HiGHS did not return the matrix by columns")
    row_of = np.asarray(matrix.index_, dtype=np.int64)
    order = np.argsort(row_of, kind="stable")
    column_of = np.repeat(np.arange(lp.num_col_), np.diff(matrix.start_))
    indices = column_of[order].tolist()
    values = np.asarray(matrix.value_)[order].tolist()
    starts = np.searchsorted(row_of[order], np.arange(lp.num_row_ + 1)).tolist()
    sides = zip(lp.row_names_, _plain(lp.row_lower_), _plain(lp.row_upper_), strict=True)
    return tuple(
        Row(name, tuple(indices[start:end]), tuple(values[start:end]), lhs, rhs)
        for (start, end), (name, lhs, rhs) in zip(pairwise(starts), sides, strict=True)
    )


def _plain(values: Any) -> list[Any]:
    """Return a list of plain numbers: highspy returns arrays or lists."""
    return values if isinstance(values, list) else list(values.tolist())


_NAN = re.compile(
    rb"^[ \t]+\S+[ \t]+\S+[ \t]+(\S+[ \t]+\S+[ \t]+)?[-+]?nan[ \t\r]*$",
    re.IGNORECASE | re.MULTILINE,
)


def _refuse_nan(path: Path) -> None:
    """Reject an MPS file with ``nan`` as a number, because HiGHS leaves such coefficients out."""
    if file_format(path) != "mps" or not path.is_file():
        return
    tail = b""
    for chunk in content(path):
        whole, newline, rest = chunk.rpartition(b"\n")
        lines = tail + whole + newline
        if b"nan" in lines.lower() and _NAN.search(lines):
            raise ContentError(f"not a number (nan) among the numbers of {path.name}")
        tail = rest if newline else tail + rest
    if _NAN.search(tail):
        raise ContentError(f"not a number (nan) among the numbers of {path.name}")


def reason(lines: list[str]) -> str:
    """Return HiGHS's own message, without its banner, errors first."""
    words = [line for line in lines if line and not line.startswith(_NOISE)]
    words.sort(key=lambda line: line.startswith("WARNING"))
    words = [line.removeprefix("ERROR:").removeprefix("WARNING:").strip() for line in words]
    return "; ".join(dict.fromkeys(words[:2])) or "no reason given"


_NOISE = ("Running", "Includes", "Number of ")
