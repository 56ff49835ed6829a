"""CBC of COIN-OR, as an executable (Debian: coinor-cbc).

Observed with 2.10.8: it ignores ``OBJSENSE MAX`` and reports 0 as the optimum of a file that it has
read with errors, so it gets every file newly written. The first line of its ``-solution`` file is
the only status that it always writes, and files that say ``Infeasible`` have values, too. That file
has 8 digits; ``-saveSolution`` writes doubles.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator, Mapping
from pathlib import Path

from bench.model.limits import Clock
from bench.model.parameters import Catalogue, Parameter, ParameterKind
from bench.model.results.solver_output import TracePoint
from bench.solvers.declaration import Declaration
from bench.solvers.executables.adapter import Adapter, Call, Claims, Ended, Program

SOLUTION = "solution.txt"
DOUBLES = "solution.bin"
UNLIMITED = 1e50
"""Numbers of at least this magnitude mean "no bound"."""
STATUS = (
    ("Optimal (within gap tolerance)", "gaplimit"),
    ("Optimal", "optimal"),
    ("Infeasible", "infeasible"),
    ("Integer infeasible", "infeasible"),
    ("Unbounded", "unbounded"),
    ("Stopped on time", "timelimit"),
    ("Stopped on nodes", "nodelimit"),
    ("Stopped on iterations", "iterlimit"),
)
"""The beginning of the first line of a solution file, and SCIP's word for it."""
RESULTS = (
    ("User ctrl-c", "userinterrupt"),
    ("Stopped on time limit", "timelimit"),
    ("Stopped on node limit", "nodelimit"),
    ("Stopped on gap", "gaplimit"),
    ("Optimal solution found (within gap tolerance)", "gaplimit"),
)
"""Texts after ``Result - `` that are more specific."""
ERRORS = ("errors on input", "Unable to open", "No match")
"""Parts of lines about a file that cannot be read, the clearest first."""
WITH_SOLUTION = frozenset({"optimal", "gaplimit", "timelimit", "nodelimit", "iterlimit"})
KINDS = {"Double": ParameterKind.REAL, "Integer": ParameterKind.INT, "Keyword": None}
OURS = frozenset(
    {"timeMode", "direction", "errorsAllowed", "logLevel", "messages", "printingOptions"}
)
"""Parameters that bench sets, or that would change the problem or the log."""

NUMBER = r"(-?[\d.]+(?:e[+-]?\d+)?)"
INCUMBENT = re.compile(
    rf"Cbc00(?:12|16|04)I Integer solution of {NUMBER} found .*?(?:and (\d+) nodes )?\(([\d.]+) sec"
)
PROGRESS = re.compile(
    rf"Cbc0010I After (\d+) nodes, .*? {NUMBER} best solution, best possible {NUMBER} "
    r"\(([\d.]+) sec"
)
RELAXATION = re.compile(rf"Continuous objective value is {NUMBER} - ([\d.]+) seconds")
LOWER = re.compile(rf"Lower bound:\s+{NUMBER}")
PARTIAL = re.compile(rf"best possible {NUMBER}\), took")


def _version_line(ask: Program) -> str:
    found = re.search(r"Welcome to the CBC.*\n+(Version: *\S+)", ask("-quit"))
    return found[1] if found else ""


def _catalogue(ask: Program) -> Catalogue:
    """Return the parameters that CBC lists by ``?``, with its description of each by ``name??``."""
    names = {name: kind for kind, name in _listed(ask("-", given="?\nquit\n"))}
    text = ask("-", given="".join(f"{name}??\n" for name in names) + "quit\n")
    entries = re.findall(
        r"(?:Coin:|^)([A-Za-z0-9]+(?:\([A-Za-z]*\))?) : (.*?)<(.*?);\s*current\s+(\S*?)>",
        text,
        re.DOTALL | re.MULTILINE,
    )
    found = {_plain(name): rest for name, *rest in entries}
    return Catalogue(
        _parameter(name, kind, *found[name]) for name, kind in names.items() if name in found
    )


def _listed(text: str) -> Iterator[tuple[ParameterKind | None, str]]:
    kind: ParameterKind | None = None
    listing = False
    for line in text.splitlines():
        if line.endswith(":"):
            word = next((each for each in KINDS if each.lower() in line.lower()), None)
            listing = word is not None
            kind = KINDS[word] if word else None
        elif listing and line.startswith(" "):
            for name in line.split():
                if (plain := _plain(name)) not in OURS:
                    yield kind, plain


def _plain(word: str) -> str:
    """Return a word without the marks for optional parts and experimental parameters."""
    return re.sub(r"[()!?]", "", word)


def _parameter(
    name: str, kind: ParameterKind | None, description: str, allowed: str, current: str
) -> Parameter:
    text = " ".join(description.split())
    if kind is None:
        words = allowed.partition(" are: ")[2].split()
        choices = tuple(_plain(word) for word in words)
        return Parameter(
            name=name,
            kind=ParameterKind.STRING,
            default=_plain(current),
            description=text,
            choices=choices,
        )
    number = int if kind is ParameterKind.INT else float
    limits = re.search(r"is (\S+) to (\S+)", allowed)
    low, high = (number(each) for each in limits.groups()) if limits else (None, None)
    return Parameter(
        name=name, kind=kind, default=number(current), description=text, low=low, high=high
    )


def _command(call: Call) -> list[str]:
    limits = call.limits
    words = [call.problem]
    words += ["-timeMode", "cpu" if limits.clock is Clock.CPU else "elapsed"]
    if limits.time_s is not None:
        words += ["-seconds", f"{limits.time_s!r}"]
    if limits.nodes is not None:
        words += ["-maxNodes", str(limits.nodes)]
    if (limits.threads or 1) > 1:
        words += ["-threads", str(limits.threads)]
    if limits.gap is not None:
        words += ["-ratioGap", f"{limits.gap!r}"]
    if call.seed:
        words += ["-randomSeed", str(call.seed), "-randomCbcSeed", str(call.seed)]
    for name, value in call.params.items():
        words += [f"-{name}", str(value)]
    if call.start:
        words += ["-mips", call.start]
    return [*words, "-solve", "-solution", SOLUTION, "-saveSolution", DOUBLES]


def _start_text(values: Mapping[str, float]) -> str:
    """Return the lines of a solution file, with all columns: a missing one is not fixed."""
    return "".join(f"{at} {name} {value!r}\n" for at, (name, value) in enumerate(values.items()))


def _claims(ended: Ended) -> Claims:
    text = "\n".join(ended.texts())
    if "** Current model not valid" in text or "Unable to open" in text:
        return Claims(refusal=_error(text))
    first = (ended.file(SOLUTION) or "").partition("\n")[0]
    status = next((word for start, word in STATUS if first.startswith(start)), None)
    result = re.search(r"^Result - (.*)", text, re.MULTILINE)
    if result and status not in {"infeasible", "unbounded"}:
        status = next((word for start, word in RESULTS if result[1].startswith(start)), status)
    if status == "unbounded" and ended.call.has_integers:
        status = "inforunbd"  # it has looked at the relaxation alone
    found = status in {*WITH_SOLUTION, "userinterrupt"} and "no integer solution" not in first
    value, values = _doubles(ended.call.folder / DOUBLES) if found else (None, None)
    trace = tuple(_trace(ended))
    nodes = re.search(r"^Enumerated nodes:\s+(\d+)", text, re.MULTILINE)
    iterations = re.search(r"^Total iterations:\s+(\d+)", text, re.MULTILINE)
    return Claims(
        status=status,
        primal_bound=value,
        dual_bound=value if status == "optimal" else _lower(status, text, trace),
        values=values,
        n_nodes=int(nodes[1]) if nodes else None,
        n_lp_iterations=int(iterations[1]) if iterations else None,
        trace=trace,
    )


def _error(text: str) -> str:
    lines = [line for word in ERRORS for line in text.splitlines() if word in line]
    return lines[0] if lines else "CBC reads the file with errors"


def _lower(status: str | None, text: str, trace: tuple[TracePoint, ...]) -> float | None:
    """Return the dual bound of an unfinished search."""
    if status in {"infeasible", "unbounded", "inforunbd"}:
        return None
    for pattern in (LOWER, PARTIAL):
        if found := pattern.findall(text):
            return _finite(found[-1])
    return trace[-1].dual_bound if trace else None


def _doubles(path: Path) -> tuple[float | None, dict[str, float] | None]:
    """Return objective value and values in a file of ``-saveSolution``; columns are ``c0``, ..."""
    try:
        content = path.read_bytes()
        n_rows, n_columns, value = struct.unpack_from("=iid", content)
        numbers = struct.unpack_from(f"={n_columns}d", content, 16 + 16 * n_rows)
    except (OSError, struct.error):
        return None, None
    return value, {f"c{index}": number for index, number in enumerate(numbers)}


def _trace(ended: Ended) -> Iterator[TracePoint]:
    """Yield the bounds in the order of the log, with its seconds."""
    primal: float | None = None
    dual: float | None = None
    nodes, moment = 0, 0.0
    for text in ended.texts():
        if found := RELAXATION.match(text):
            dual, moment = _finite(found[1]), max(moment, float(found[2]))
            is_incumbent = False
        elif found := INCUMBENT.match(text):
            primal, moment = float(found[1]), max(moment, float(found[3]))
            nodes = max(nodes, int(found[2] or 0))
            is_incumbent = True
        elif found := PROGRESS.match(text):
            nodes, dual = int(found[1]), _finite(found[3])
            primal, moment = _finite(found[2]), max(moment, float(found[4]))
            is_incumbent = False
        else:
            continue
        yield TracePoint(moment, primal, dual, nodes, is_incumbent)


def _finite(text: str) -> float | None:
    number = float(text)
    return None if abs(number) >= UNLIMITED else number


ADAPTER = Adapter(
    declaration=Declaration(code_base="cbc", title="CBC", read_by="scip", takes_start=True),
    program="cbc",
    package="coinor-cbc",
    limit_parameters={
        "seconds": "time_s",
        "maxNodes": "nodes",
        "ratioGap": "gap",
        "threads": "threads",
    },
    counts_cpu_time=True,
    version_line=_version_line,
    catalogue=_catalogue,
    command=_command,
    claims=_claims,
    start_text=_start_text,
)
