"""The list of a result's fields: each field is defined once, with its name in every format.

The table, MLflow records, rows that are read back, the tables in the docs and the labels of the
report are generated from this list. A journal's line has all attributes of the dataclasses and does
not need it.

To add a field: add an attribute with a default to its dataclass (older journals do not have it),
set it where it is measured, list it here, and run ``make docs``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum, StrEnum
from functools import cache
from typing import Any

from bench.model.results.solver_output import GAP_PERCENTS, time_to_gap_column
from bench.model.results.verification import Quantity


class Kind(StrEnum):
    """The type of a field. In a table, several texts are joined to one, and an object is JSON."""

    TEXT = "text"
    WHOLE = "whole number"
    NUMBER = "number"
    TRUTH = "truth value"
    TEXTS = "texts"
    OBJECT = "object"

    @property
    def dtype(self) -> str:
        """The type of a column in pandas."""
        return _DTYPES.get(self, "string")


_DTYPES = {Kind.WHOLE: "Int64", Kind.NUMBER: "float64", Kind.TRUTH: "boolean"}


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a result.

    ``path`` is the path from a `Result` to the value, by attributes and keys (empty: only a whole
    campaign has it). ``meaning`` is a sentence without its full stop.

    The names in each place are empty if the field is not there: ``column`` in the table; ``param``,
    ``metric``, ``tag``, ``series`` and ``detail`` (a row of a task's details.csv) in MLflow. In a
    name, ``<...>`` is a placeholder for the keys of a mapping.

    ``label`` is its name in reports. ``needed``: a verdict depends on it, so a stored table without
    it is rejected; every other column may be missing.

    ``null`` is the value that null in a table stands for, if not None. ``derived`` is computed from
    other fields and never read back. ``unless`` is another path: if that has a value, this field
    has none. ``quotes``: its text may quote names of rows and columns, or messages of the solver.
    ``blank_is_null`` writes an empty text as null, ``blank`` is the param or tag of an empty text,
    and ``separator`` joins several values.
    """

    path: str
    column: str
    kind: Kind
    meaning: str
    unit: str = ""
    param: str = ""
    metric: str = ""
    tag: str = ""
    series: str = ""
    detail: str = ""
    label: str = ""
    needed: bool = False
    null: str | float | None = None
    derived: bool = False
    unless: str = ""
    blank_is_null: bool = False
    blank: str = ""
    separator: str = "; "
    quotes: bool = False


def values(fields: Iterable[Field], root: object, below: str = "") -> Iterator[tuple[Field, Any]]:
    """Yield fields with their values in a result, or in the part of one at the path ``below``.

    An enumeration's member is replaced by its value. None if a part of the path is missing.
    """
    known = {below: root}
    for field in fields:
        value = _value(field.path, known)
        if field.unless and _value(field.unless, known) is not None:
            value = None
        yield field, value.value if isinstance(value, Enum) else value


def _value(path: str, known: dict[str, Any]) -> Any:
    """Return the value at a path, and store it in ``known``, the values of other paths."""
    if path in known:
        return known[path]
    parent, name = _split(path)
    owner = _value(parent, known)
    if owner is None:
        found = None
    elif isinstance(owner, dict):
        found = owner.get(name)
    else:
        found = getattr(owner, name)
    known[path] = found
    return found


@cache
def _split(path: str) -> tuple[str, str]:
    parent, _, name = path.rpartition(".")
    return parent, name


def named(name: str, value: Any) -> dict[str, Any]:
    """Return a value by its name; a mapping, whose name has ``<...>``, has several names."""
    before, placeholder, _ = name.partition("<")
    if not placeholder:
        return {name: value}
    return {f"{before}{key}": each for key, each in (value or {}).items()}


TEXT, WHOLE, NUMBER, TRUTH = Kind.TEXT, Kind.WHOLE, Kind.NUMBER, Kind.TRUTH
TEXTS, OBJECT = Kind.TEXTS, Kind.OBJECT
NAN = float("nan")

_COLUMNS = "Columns as read, before presolve; an integer column with bounds in [0, 1] is binary"
_SHARES = "Shares of the kinds of columns, in [0, 1]"
_DECLARED = "Binary and integer columns as the solver counts them"
_ELSEWHERE = "Verdict of SCIP's check scripts and of ipet on the same answer"
_CHECKED = "verification.skipped"


def _size(name: str, meaning: str, null: int | None = 0) -> Field:
    """Return a size of the problem."""
    return Field(f"answer.problem.{name}", name, WHOLE, meaning, param=name, null=null)


def _statistic(path: str, name: str, meaning: str, kind: Kind = NUMBER) -> Field:
    """Return a problem statistic that is only in MLflow."""
    return Field(f"answer.problem.{path}", "", kind, meaning, detail=f"problem/{name}")


def _range(part: str, name: str, meaning: str) -> tuple[Field, Field]:
    """Return both ends of a range of magnitudes."""
    smallest = _statistic(f"{part}.smallest", f"{name}_min", meaning)
    return smallest, _statistic(f"{part}.largest", f"{name}_max", meaning)


def _presolved(name: str, meaning: str) -> Field:
    """Return a size of the presolved problem."""
    return Field(f"answer.presolved.{name}", "", WHOLE, meaning, detail=f"presolved/{name}")


def _violation(one: Quantity, attribute: str, end: str, meaning: str) -> Field:
    """Return the field of the worst violation of a quantity."""
    path, column = f"verification.worst.{one}.{attribute}", f"violation_{one}_{end}"
    metric = f"verification/{one}_violation_{end}"
    return Field(path, column, NUMBER, meaning, metric=metric, needed=True, null=NAN)


def _place(one: Quantity, attribute: str, end: str, meaning: str) -> Field:
    """Return the field of the place where a quantity is violated most."""
    path, column = f"verification.worst.{one}.{attribute}", f"violation_{one}_{end}"
    return Field(path, column, TEXT, meaning, needed=True, null="", quotes=True)


_ABSOLUTE = (
    "Largest violation of the solution; for the objective, the distance between the claimed and "
    "the recomputed value"
)
_RELATIVE = (
    "The same violation relative to the size of the bound, row or objective, scaled as in "
    "MIPLIB's checker"
)

# A field is read as a line, not as a column of arguments.
# fmt: off
TASK = (
    Field("task.instance.label", "instance", TEXT,
          "Name of the instance, with its folder where others have the same name",
          param="instance", label="instance", needed=True),
    Field("task.instance.digest", "instance_sha256", TEXT, "SHA-256 of the uncompressed file",
          detail="instance_sha256", needed=True, null=""),
    Field("task.setting.name", "setting", TEXT, "Name of the setting",
          param="setting", label="setting", needed=True, null=""),
    Field("task.setting.solver", "solver", TEXT, "Name of the solver",
          param="solver", needed=True, null=""),
    Field("task.solver_version", "solver_version", TEXT, "Version of the solver",
          param="solver_version", null=""),
    Field("task.seed", "seed", WHOLE, "Random seed; 0 is the solver's stock behaviour",
          param="seed", label="seed", needed=True, null=0),
    Field("task.permutation", "permutation", WHOLE,
          "Permutation of rows and columns; 0 is the file as it is",
          param="permutation", label="permutation", needed=True, null=0),
    Field("task.default_gap", "default_gap", NUMBER,
          "Relative gap at which the solver stops by default, if `gap_limit` is empty"),
    Field("task.key", "key", TEXT, "Content hash of the task",
          tag="mlflow.bench.key", label="key", needed=True, derived=True),
)
"""The task."""

END = (
    Field("answer.status", "status", TEXT, "Status in the solver's own words",
          detail="status", label="status", needed=True),
    Field("execution.termination", "termination", TEXT,
          "Why the process ended: `normal`, `time`, `memory`, `signal`, `interrupt`, `error`, "
          "`refused`, `unsupported` or `skipped`",
          tag="bench.termination", needed=True),
)
"""How the task ended."""

VERDICT = (
    Field("verdict.category", "verdict", TEXT,
          "`solved`, `solved_unconfirmed`, `limit`, `wrong`, `unreadable`, `unsupported`, "
          "`crashed`, `killed`, `interrupted` or `skipped` ([verdicts.md](verdicts.md))",
          tag="bench.verdict", label="verdict", needed=True),
    Field("verdict.kind", "verdict_kind", TEXT, "Which limit was reached, or what is wrong",
          needed=True),
    Field("verdict.reason", "verdict_reason", TEXT, "The reason for the verdict, in words",
          tag="bench.verdict_reason", label="verdict", needed=True, null="", quotes=True),
    Field("verdict.confirmed_by", "confirmed_by", TEXT,
          "What confirms the answer: `reference`, or the name of a solver of another code base",
          label="confirmed by", null="", blank_is_null=True),
    Field("verdict.scip_check", "scip_check_status", TEXT, _ELSEWHERE,
          null="", blank_is_null=True),
    Field("verdict.ipet", "ipet_status", TEXT, _ELSEWHERE,
          needed=True, null="", blank_is_null=True),
    Field("verdict.solved", "", TRUTH, "1 if the task counts as solved, else 0",
          metric="result/solved", derived=True),
    Field("reference.known", "reference", TEXT,
          "Known status of the instance, by the tags of `.solu` files",
          label="reference", needed=True),
    Field("reference.value", "reference_value", NUMBER, "Optimal or best known value",
          label="reference value", needed=True),
    Field("reference.dual_value", "reference_dual_value", NUMBER, "Best known dual bound",
          needed=True),
)
"""The conclusion and its reference: everything that a new judgement changes."""

SOLVER_OUTPUT = (
    Field("answer.primal_bound", "primal_bound", NUMBER, "Primal bound at the end",
          metric="result/primal_bound", label="primal", needed=True),
    Field("answer.dual_bound", "dual_bound", NUMBER, "Dual bound at the end",
          metric="result/dual_bound", label="dual", needed=True),
    Field("answer.gap", "gap", NUMBER, "Relative gap by the solver's own definition (0.01 is 1 %)",
          metric="result/gap", label="gap"),
    Field("answer.n_nodes", "n_nodes", WHOLE, "Nodes of the search",
          metric="search/n_nodes", label="nodes"),
    Field("answer.n_lp_iterations", "n_lp_iterations", WHOLE, "LP iterations",
          metric="search/n_lp_iterations", label="LP iterations"),
    Field("answer.n_solutions", "n_solutions", WHOLE, "Solutions found",
          detail="n_solutions"),
    Field("answer.read_time_s", "read_time_s", NUMBER, "Reading time, by the task's clock",
          unit="s", metric="time/read_s"),
    Field("answer.presolve_time_s", "presolve_time_s", NUMBER, "Presolve time, by the task's clock",
          unit="s", metric="time/presolve_s"),
    Field("answer.solve_time_s", "solve_time_s", NUMBER, "Solving time, by the task's clock",
          unit="s", metric="time/solve_s", label="seconds"),
    Field("answer.solve_wall_s", "solve_wall_s", NUMBER,
          "Wall seconds of the solve alone, whatever the clock",
          unit="s", detail="solve_wall_s"),
    Field("answer.solve_cpu_s", "solve_cpu_s", NUMBER,
          "CPU seconds of the solve alone, whatever the clock",
          unit="s", detail="solve_cpu_s"),
    Field("answer.deterministic_time", "deterministic_time", NUMBER,
          "The solver's machine-independent measure of effort",
          detail="deterministic_time"),
    Field("answer.primal_dual_integral", "primal_dual_integral", NUMBER,
          "SCIP's primal-dual integral",
          unit="percent x s", metric="result/primal_dual_integral", label="primal-dual integral"),
    Field("answer.first_incumbent_time_s", "first_incumbent_time_s", NUMBER,
          "Seconds to the first solution, by the task's clock",
          unit="s", metric="time/first_incumbent_s", label="first solution after (s)"),
    Field("answer.first_primal_bound", "first_primal_bound", NUMBER, "Value of the first solution",
          detail="first_primal_bound"),
    Field("answer.reader_warnings", "", TEXTS, "Warnings of the solver while it read the file",
          detail="reader_warnings", quotes=True),
    Field("answer.normalized_by", "normalized_by", TEXT,
          "Solver that read the instance and wrote it as a new file for this solver; empty if this "
          "solver read the instance itself",
          detail="normalized_by", label="file rewritten, as read by", null="",
          blank_is_null=True),
    Field("answer.is_from_log", "is_from_log", TRUTH,
          "Whether bounds, nodes and their times come from the log of the solver, with its digits",
          detail="is_from_log", label="numbers from its log", null=False),
    Field("answer.versions", "", OBJECT, "Versions of the solver and its libraries",
          detail="version/<library>"),
)
"""What the solver claims."""

PROCESS = (
    Field("execution.started_at", "started_at", NUMBER, "When the process started, since the epoch",
          unit="s", needed=True, null=0.0),
    Field("execution.wall_s", "wall_s", NUMBER, "Wall seconds of the process",
          unit="s", metric="time/wall_s", label="wall time of the process (s)", null=NAN),
    Field("execution.cpu_s", "cpu_s", NUMBER, "CPU seconds of the process and its children",
          unit="s", metric="time/cpu_s", label="CPU time of the process (s)"),
    Field("execution.peak_mib", "peak_mib", NUMBER, "Peak of resident memory",
          unit="MiB", metric="memory/peak_mib", label="MiB"),
    Field("execution.n_involuntary_switches", "n_involuntary_switches", WHOLE,
          "How often the process was preempted",
          detail="n_involuntary_switches"),
    Field("execution.signal", "signal", TEXT, "The signal that ended the process", needed=True),
    Field("execution.evidence", "evidence", TEXT, "Evidence for the reason why the process ended",
          detail="evidence", label="process", needed=True, null="", quotes=True),
    Field("execution.noise", "noise", TEXTS, "What disturbed the measurement, or `none`",
          tag="bench.noise", label="disturbed", blank="none"),
    Field("execution.cores", "", TEXTS, "Cores that the process was pinned to",
          detail="cores", separator=","),
    Field("execution.worker.name", "worker", TEXT,
          "Worker of a cluster that executed the task: its job and host",
          tag="mlflow.bench.worker", label="worker"),
    Field("execution.worker.reference_s", "worker_reference_s", NUMBER,
          "CPU seconds of the reference solve when that worker started (median of 3)", unit="s"),
    Field("execution.worker.reference_spread", "worker_reference_spread", NUMBER,
          "Wall time of the slowest of these solves relative to the fastest, less 1"),
)
"""What the operating system measured."""

VERIFICATION = (
    Field("verification.level", "verification_level", TEXT,
          "Tightest tolerance at which the solution is feasible: `1e-9`, `1e-6`, `1e-4` or `none`",
          label="feasible to", needed=True, unless=_CHECKED),
    Field("verification.reader", "verification_reader", TEXT,
          "Solver that read the instance to check the solution",
          detail="verification_reader", null="", unless=_CHECKED),
    Field("verification.independent", "verification_independent", TRUTH,
          "Whether that reader has another code base than the solver",
          detail="verification_independent", null=False, unless=_CHECKED),
    Field("verification.one_reader", "one_reader", TRUTH,
          "Whether no solver of another code base can read the instance",
          detail="one_reader", label="one reader", null=False),
    Field("verification.exact", "verification_exact", TRUTH,
          "Whether the check was rational arithmetic; else double precision",
          detail="verification_exact", null=False, unless=_CHECKED),
    Field("not_checked", "verification_skipped", TEXT, "Why the solution was not checked",
          label="solution not checked", needed=True, derived=True, quotes=True),
    Field("level_or_reason", "", TEXT,
          "Tightest tolerance at which the solution is feasible: `1e-9`, `1e-6`, `1e-4` or `none`; "
          "else `not checked: ` and why",
          tag="bench.verification", derived=True, quotes=True),
    *(
        field
        for one in Quantity
        for field in (
            _violation(one, "absolute", "abs", _ABSOLUTE),
            _violation(one, "relative", "rel", _RELATIVE),
        )
    ),
    *(
        field
        for one in Quantity
        for field in (
            _place(one, "where", "where", "Row or column with the largest relative violation"),
            _place(
                one,
                "where_absolute",
                "where_abs",
                "That with the largest absolute violation, if it is another",
            ),
        )
    ),
)
"""What a check of the solution found."""

PROBLEM = (
    *(_size(name, _COLUMNS) for name in ("n_vars", "n_bins", "n_ints", "n_conts")),
    _size("n_conss", "Constraints of any kind"),
    _size("n_nonzeros", "Non-zeros in the matrix", null=None),
    Field("answer.problem.n_equalities", "n_equalities", WHOLE, "Equality rows",
          detail="problem/n_equalities"),
    _statistic("density", "density", "Share of non-zeros in the matrix, in [0, 1]"),
    *(_statistic(f"shares.{kind}", f"share_{kind}", _SHARES) for kind in ("bins", "ints", "conts")),
    Field("answer.problem.sense", "sense", TEXT, "`minimize` or `maximize`",
          param="sense", needed=True),
    Field("answer.problem.objective_offset", "objective_offset", NUMBER,
          "Constant in the objective",
          detail="problem/objective_offset", needed=True, null=0.0),
    _statistic("n_bins_declared", "n_bins_declared", _DECLARED, WHOLE),
    _statistic("n_ints_declared", "n_ints_declared", _DECLARED, WHOLE),
    *_range("matrix_range", "matrix_coefficient", "Smallest and largest magnitude in the matrix"),
    *_range("objective_range", "objective_coefficient", "Smallest and largest in the objective"),
    *_range("rhs_range", "rhs", "Smallest and largest magnitude of right-hand sides"),
    *_range("bound_range", "bound", "Smallest and largest magnitude of bounds"),
    Field("answer.problem.classes_present", "constraint_classes", OBJECT,
          "Rows of one of MIPLIB 2017's 17 constraint classes, if there are any",
          detail="problem/class/<class>"),
    *(
        _presolved(name, "Columns that presolve left")
        for name in ("n_vars", "n_bins", "n_ints", "n_impls", "n_conts")
    ),
    *(
        _presolved(name, "Rows and non-zeros that presolve left")
        for name in ("n_conss", "n_nonzeros")
    ),
)
"""The size and kind of the instance."""

LIMITS = (
    Field("task.limits.time_s", "time_limit_s", NUMBER, "Time limit of the solve",
          unit="s", param="time_limit_s", label="time limit (s)"),
    Field("task.limits.memory_mib", "memory_limit_mib", NUMBER, "Memory limit of the solve",
          unit="MiB", param="memory_limit_mib", label="memory limit (MiB)"),
    Field("task.limits.nodes", "node_limit", WHOLE, "Limit on nodes", param="node_limit"),
    Field("task.limits.gap", "gap_limit", NUMBER, "Relative gap at which the solve may stop",
          param="gap_limit", needed=True),
    Field("task.limits.clock", "clock", TEXT, "What the time limit counts: `wall` or `cpu` seconds",
          param="clock", null="wall"),
    Field("task.limits.threads", "n_threads", WHOLE,
          "Threads that the solve may use, each on a physical core of its own",
          param="n_threads", label="threads"),
)
"""The limits of the solve."""

CAMPAIGN = (
    Field("", "primal_integral", NUMBER, "Primal integral of the trace", unit="s"),
    Field("", "dual_integral", NUMBER, "Dual integral of the trace", unit="s"),
    *(
        Field("", time_to_gap_column(percent), NUMBER,
              f"Seconds until the gap of the bounds was at most {percent} %, by the task's clock",
              unit="s")
        for percent in GAP_PERCENTS
    ),
    Field("", "machine", TEXT, "Host and processor"),
    Field("", "machine_class", TEXT, "Processor and number of cores: what alike machines share"),
    Field("", "look", WHOLE,
          "Instances of the first look that includes the result, in a sweep with `--until`"),
    Field("", "last_look", WHOLE, "Instances of the last look of such a sweep"),
)
"""Fields that only a whole campaign has."""

BESIDES = (
    Field("answer.error", "error", TEXT, "Why there is no answer",
          tag="bench.error", label="error", needed=True, quotes=True),
    Field("task.instance.lint_text", "lint", TEXT,
          "Warnings of the lint, `none`, or `not linted` (`--no-lint`)",
          param="lint", label="lint", derived=True, blank="none", quotes=True),
    Field("task.setting.params", "params", OBJECT,
          "Parameters that the setting sets, by the solver's own names",
          param="<parameter>"),
    Field("task.setting.knobs", "knob/<knob>", NUMBER,
          "Effective value of a knob, also if it is the default: `alpha`, `l1_ratio`",
          param="<knob>"),
    Field("task.setting.include_text", "include", TEXT,
          "Functions that add plug-ins to the solver (`--include`), with digests of their sources",
          param="include", label="include", derived=True, blank_is_null=True),
    Field("task.start.digest", "start_sha256", TEXT,
          "SHA-256 of the solution that the solve began with (`--start`)",
          param="start_sha256", derived=True),
    Field("task.start.check", "start", TEXT,
          "Result of the check of that solution, made before the solve",
          param="start", label="start", derived=True, quotes=True),
)
"""Longer texts, and the choices of the setting."""

TRACE = (
    Field("answer.trace.primal_bound", "", NUMBER, "Primal bound over time",
          series="bounds/primal_bound"),
    Field("answer.trace.dual_bound", "", NUMBER, "Dual bound over time",
          series="bounds/dual_bound"),
    Field("answer.trace.gap", "", NUMBER, "Gap of the primal-dual integral, in [0, 1]",
          series="bounds/gap", derived=True),
    Field("answer.trace.n_nodes", "", NUMBER, "Nodes over time", series="bounds/n_nodes"),
)
"""The solve over time."""

SAMPLES = (
    Field("execution.samples.rss_mib", "", NUMBER, "Resident memory of the task's processes",
          unit="MiB", series="system/process_rss_mib"),
    Field("execution.samples.cpu_percent", "", NUMBER,
          "CPU use of the task's processes; 100 is one core",
          unit="%", series="system/process_cpu_percent"),
    Field("execution.samples.host_load", "", NUMBER, "Load average of the machine",
          series="system/host_load"),
)
"""The task's processes over time."""
# fmt: on

PARTS = {
    "Task": TASK,
    "How it ended": END,
    "Verdict": VERDICT,
    "Solver output": SOLVER_OUTPUT,
    "Process": PROCESS,
    "Check of the solution": VERIFICATION,
    "Problem": PROBLEM,
    "Limits": LIMITS,
    "Campaign": CAMPAIGN,
    "Besides": BESIDES,
    "Trace": TRACE,
    "Samples": SAMPLES,
}
"""All fields by the part that they belong to, in the order of the table's columns."""
FIELDS = tuple(field for part in PARTS.values() for field in part)
LABELS = {field.column: field.label for field in FIELDS if field.label}
"""The labels of columns in reports."""

NOT_IN_THE_TABLE = {
    "folder": "a path on one machine",
    "task.instance.name": "see `instance`",
    "task.instance.path": "a path on one machine",
    "task.instance.defect": "such an instance is not executed; `error` says why",
    "task.instance.misread_by": "these solvers do not execute the instance; `error` says why",
    "task.instance.lint": "see `lint`, which has it in one line",
    "task.setting.include": "`include` has names and digests; the rest is a path on one machine",
    "task.setting.start": "a path on one machine; `start_sha256` identifies the content",
    "task.start.path": "a path on one machine",
    "task.limits.grace_s": "an option of bench, not of the solver: not part of the task",
    "answer.params": "see `params` for what was set, `changed.set` for all differences",
    "answer.versions": "in `details.csv` of MLflow; `solver_version` counts",
    "answer.reader_warnings": "in `details.csv` of MLflow, and in the log",
    "answer.solve_started_at": "start of the times in the trace",
    "answer.trace": "series in MLflow",
    "answer.presolved": "in `details.csv` of MLflow; all settings have the same before presolve",
    "answer.problem.n_bins_declared": "in `details.csv` of MLflow",
    "answer.problem.n_ints_declared": "in `details.csv` of MLflow",
    "answer.problem.matrix_range": "in `details.csv` of MLflow",
    "answer.problem.objective_range": "in `details.csv` of MLflow",
    "answer.problem.rhs_range": "in `details.csv` of MLflow",
    "answer.problem.bound_range": "in `details.csv` of MLflow",
    "answer.problem.classes": "see `constraint_classes`",
    "execution.exit_code": "see `evidence`",
    "execution.samples": "series in MLflow",
    "execution.cores": "in `details.csv` of MLflow",
    "execution.machine": "see `machine`",
    "execution.worker.machine_class": "see `machine_class`",
    "execution.worker.reference_solver": "usually the same for all workers of a campaign",
    "verification.skipped": "see `verification_skipped`, also if no check was requested",
    "verification.objective": "in `verification.json`; its distance from the claim is a violation",
    "verification.notes": "in `verification.json`",
}
"""Attributes that the table leaves out, with the reason; the reason of a part applies to all in it.
"""
