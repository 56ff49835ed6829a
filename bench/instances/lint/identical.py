"""A digest of a reading, to detect that two readers read exactly the same problem."""

from __future__ import annotations

import hashlib

import numpy as np

from bench.instances.lint.agreement import INTEGRALITY, SMALLEST
from bench.model.instances.program_arrays import ProgramArrays


def identity(program: ProgramArrays) -> bytes | None:
    """Return a digest: two readings with the same digest have no `disagreements`.

    Different digests only mean that they must be compared: the order of names, or the last digit of
    a number, may differ. None if they must be compared in any case: for a duplicate column or
    entry, an invalid number, or no column at all.
    """
    names = program.column_names
    if not names or len(set(names)) < len(names):
        return None
    kept = ~(np.abs(program.coefficients) <= SMALLEST)
    places = program.rows[kept] * np.int64(len(names)) + program.columns[kept]
    order = np.argsort(places, kind="stable")
    places = places[order]
    if (places[1:] == places[:-1]).any():
        return None
    lower = np.where(program.integral, np.ceil(program.lower - INTEGRALITY), program.lower)
    upper = np.where(program.integral, np.floor(program.upper + INTEGRALITY), program.upper)
    numbers = (program.objective, program.lhs, program.rhs, lower, upper)
    arrays = [*numbers, program.coefficients[kept][order], np.array([program.objective_offset])]
    if any(np.isnan(array).any() for array in arrays):
        return None
    digest = hashlib.sha256(repr((program.sense, len(names), len(program.row_names))).encode())
    for text in (*names, *program.row_names):
        digest.update(b"%d " % len(text) + text.encode("utf-8", "surrogateescape"))
    digest.update(places.tobytes() + program.integral.tobytes())
    for array in arrays:
        digest.update((array + 0.0).tobytes())  # there is no other zero than 0
    return digest.digest()
