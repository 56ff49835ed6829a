"""Solve every bundled instance with SCIP and with HiGHS, and compare their answers and times.

::

    python benchmarks/bundled_times.py                    a table, and the check of bundled.solu
    python benchmarks/bundled_times.py --write            the same, and write bundled.solu anew
    python benchmarks/bundled_times.py tsp-16 gap-5x20    some of them

A value stands in ``instances/bundled.solu`` only if both solvers proved it with a gap of zero and
agree to a relative 1e-6. SCIP also solves with another cut selection, to show which instances
react to it. One thread, CPU seconds without reading. Takes about three minutes.
"""

from __future__ import annotations

import argparse
import math
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import highspy
import pyscipopt

from bench.instances import references as reference_files
from bench.instances import solu
from bench.instances.generators.bundle import BUNDLE, Bundled
from bench.model.instances.reference import Known, Reference

FOLDER = Path(__file__).parent.parent / "instances"
REFERENCES = FOLDER / "bundled.solu"
STOCK: Mapping[str, float] = {}
OTHER_CUTS: Mapping[str, float] = {
    "cutselection/hybrid/objparalweight": 0.00015,
    "cutselection/hybrid/intsupportweight": 0.14985,
}


@dataclass(frozen=True, slots=True)
class Claim:
    """What a solver says of an instance, and what it took."""

    status: str
    value: float | None
    cpu_s: float
    n_nodes: int
    n_lp_iterations: int


def solve_with_scip(path: Path, limit_s: float, parameters: Mapping[str, float]) -> Claim:
    """Return what SCIP claims with these parameters."""
    model = pyscipopt.Model()
    model.hideOutput()
    model.setParams({"timing/clocktype": 1, "limits/time": limit_s, **parameters})
    model.readProblem(str(path))
    model.optimize()
    status = model.getStatus()
    return Claim(
        status,
        model.getPrimalbound() if status == "optimal" else None,
        model.getSolvingTime(),
        model.getNTotalNodes(),
        model.getNLPIterations(),
    )


def solve_with_highs(path: Path, limit_s: float) -> Claim:
    """Return what HiGHS claims with a gap of zero."""
    solver = highspy.Highs()  # type: ignore[no-untyped-call]
    solver.silent()
    solver.setOptionValue("threads", 1)
    solver.setOptionValue("time_limit", limit_s)
    solver.setOptionValue("mip_rel_gap", 0.0)
    solver.setOptionValue("mip_abs_gap", 1e-9)
    solver.readModel(str(path))
    start_s = time.process_time()
    solver.run()
    cpu_s = time.process_time() - start_s
    status = solver.modelStatusToString(solver.getModelStatus()).lower()
    info = solver.getInfo()
    value = info.objective_function_value if status == "optimal" else None
    n_nodes = max(0, info.mip_node_count)
    return Claim(status, value, cpu_s, n_nodes, info.simplex_iteration_count)


def proven(scip: Claim, highs: Claim) -> Reference | None:
    """Return what both solvers have proven, or None if they do not agree."""
    if scip.status != highs.status:
        return None
    if scip.status == "optimal" and scip.value is not None and highs.value is not None:
        agree = math.isclose(scip.value, highs.value, rel_tol=1e-6, abs_tol=1e-6)
        return Reference(Known.OPTIMAL, _tidy(scip.value)) if agree else None
    known = {"infeasible": Known.INFEASIBLE, "unbounded": Known.UNKNOWN}
    return Reference(known[scip.status]) if scip.status in known else None


def _tidy(value: float) -> float:
    """Return the nearest integer of an almost integral value, or else nine decimals."""
    nearest = round(value)
    return float(nearest) if abs(value - nearest) < 1e-6 else round(value, 9)


@dataclass(frozen=True, slots=True)
class Comparison:
    """The claims of both solvers on one instance, and what the reference file says of it."""

    stem: str
    scip: Claim
    other_cuts: Claim
    highs: Claim
    listed: Reference | None

    @property
    def found(self) -> Reference | None:
        """What both solvers have proven."""
        return proven(self.scip, self.highs)

    @property
    def is_right(self) -> bool:
        """Whether both have proven the same, and it is what the reference file says."""
        if self.found is None or self.listed is None:
            return False
        known, value = self.found.known, self.found.value
        if value is None or self.listed.value is None:
            return known is self.listed.known and value is self.listed.value
        return math.isclose(value, self.listed.value, rel_tol=1e-6, abs_tol=1e-6)

    @property
    def cuts_matter(self) -> bool:
        """Whether the other cut selection makes SCIP search otherwise."""
        one, two = self.scip, self.other_cuts
        return (one.n_nodes, one.n_lp_iterations) != (two.n_nodes, two.n_lp_iterations)

    def line(self) -> str:
        """Return the line of the table."""
        scip, highs = self.scip, self.highs
        value = scip.status if scip.value is None else f"{scip.value:.10g}"
        notes = ["cuts matter"] * self.cuts_matter + ["NOT AS LISTED"] * (not self.is_right)
        if self.found is None:
            notes.append(f"NOT PROVEN, HiGHS says {highs.status} {highs.value}")
        return (
            f"{self.stem:20}{scip.cpu_s:8.2f}{scip.n_nodes:8}{self.other_cuts.cpu_s:8.2f}"
            f"{self.other_cuts.n_nodes:8}{highs.cpu_s:9.2f}{highs.n_nodes:8}{value:>20}  "
            f"{', '.join(notes)}"
        )


def compare(bundled: Bundled, limit_s: float, listed: Reference | None) -> Comparison:
    """Solve one bundled instance in three ways."""
    path = FOLDER / bundled.file_name
    scip, other_cuts = (solve_with_scip(path, limit_s, p) for p in (STOCK, OTHER_CUTS))
    highs = solve_with_highs(path, limit_s)
    return Comparison(bundled.stem, scip, other_cuts, highs, listed)


def write_references(references: Mapping[str, Reference]) -> None:
    """Write bundled.solu; the format has no tag for an unbounded instance."""
    lines = ["# Proven by both SCIP and HiGHS: python benchmarks/bundled_times.py --write"]
    for line in solu.text(references).splitlines():
        is_unbounded = line.startswith(f"={Known.UNKNOWN}=")
        lines.append(f"{line}  # unbounded" if is_unbounded else line)
    REFERENCES.write_text("\n".join([*lines, ""]), encoding="utf-8")


def main(arguments: list[str]) -> int:
    """Print the table; return 1 if an instance is unproven or differs from the references."""
    parser = argparse.ArgumentParser(description="SCIP and HiGHS on the bundled instances")
    parser.add_argument("names", nargs="*", help="stems of instances; all of them by default")
    parser.add_argument("--limit", type=float, default=60.0, help="CPU seconds a solve")
    parser.add_argument("--write", action="store_true", help="write instances/bundled.solu")
    options = parser.parse_args(arguments)
    listed = reference_files.read([REFERENCES]) if REFERENCES.exists() else {}
    print(
        f"{'instance':20}{'SCIP s':>8}{'nodes':>8}{'other s':>8}{'nodes':>8}{'HiGHS s':>9}"
        f"{'nodes':>8}{'objective':>20}"
    )
    rows = []
    for bundled in BUNDLE:
        if not options.names or bundled.stem in options.names:
            rows.append(compare(bundled, options.limit, listed.get(bundled.stem)))
            print(rows[-1].line(), flush=True)
    ratios = [math.log((row.scip.cpu_s + 0.1) / (row.highs.cpu_s + 0.1)) for row in rows]
    print(f"SCIP {sum(row.scip.cpu_s for row in rows):.1f} s; geometric mean of SCIP / HiGHS")
    print(f"(times shifted by 0.1 s): {math.exp(sum(ratios) / max(1, len(rows))):.2f}")
    print(f"another cut selection changes {sum(row.cuts_matter for row in rows)} of {len(rows)}")
    if options.write:
        write_references(listed | {row.stem: row.found for row in rows if row.found})
    return int(not all(row.is_right for row in rows))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
