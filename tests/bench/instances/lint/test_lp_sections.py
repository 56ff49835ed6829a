"""The section headers of LP files: what each solver does with them, by executed files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from bench.instances.lint.findings import Notes
from bench.instances.lint.lp import lint_lp
from bench.instances.lint.lp_sections import HEADERS, Header, Reading, Section, header_of
from bench.model.instances.finding import Severity
from tests.bench.instances.lint.executed import reading

DOCS = Path(__file__).parents[4] / "docs" / "lint.md"
ROWS = "Subject To\n c: x + y <= 10.5\n d: x - y <= 4\n"
START = f"Maximize\n obj: 3 x + 2 y + 1\n{ROWS}"
BOUNDS = "Bounds\n x <= 8\n y <= 8.5\n"
GENERALS = "Generals\n x\n"


@dataclass(frozen=True)
class Example:
    """A file with a section in it; ``optimum`` is what it means, None where no solver reads it."""

    text: str
    optimum: float | None = None


def everywhere(text: str, *optima: float | None) -> Iterator[Example]:
    """Yield a section after the rows, after Bounds and after Generals, with the optimum of each."""
    starts = (START, START + BOUNDS, START + BOUNDS + GENERALS)
    for start, optimum in zip(starts, optima, strict=True):
        yield Example(f"{start}{text}End\n", optimum)


def objectives(name: str) -> Iterator[Example]:
    """Yield objectives under this header: 0 or 29.25, and the constant."""
    optimum = 29.25 if name.lower().startswith("max") else 1.0
    yield Example(f"{name}\n obj: 3 x + 2 y + 1\n{ROWS}End\n", optimum)


def several_objectives(name: str) -> Iterator[Example]:
    """Yield two objectives, as Gurobi writes them, and one without label."""
    objective = "obj: Priority=2 Weight=1 AbsTol=0 RelTol=0\n 3 x + 2 y"
    yield Example(f"{name}\n {objective}\n{ROWS}End\n")
    yield Example(f"{name}\n + 3 x + 2 y\n{ROWS}End\n")


def rows(name: str) -> Iterator[Example]:
    """Yield rows under this header; a lazy one is enforced, a cut is implied by the others."""
    if name.startswith("Lazy"):
        yield from everywhere(f"{name}\n l: x + 2 y <= 9\n", 64 / 3, 64 / 3, 20.0)
    elif name.startswith("User"):
        start = "Maximize\n obj: 2 x + y\nSubject To\n c: 3 x + 3 y <= 14\n"
        end = "Bounds\n x <= 7\n y <= 9\nGenerals\n x y\nEnd\n"
        yield Example(f"{start}{name}\n u: x + y <= 4\n{end}", 8.0)
    else:
        yield Example(START.replace("Subject To", name) + "End\n", 29.25)


def types(name: str, section: Section) -> Iterator[Example]:
    """Yield types that change the optimum; a semi-continuous column is 0 or costs more."""
    if section is Section.GENERALS:
        integer = START.replace("+ 2 y", "+ y").replace("10.5", "9.5")
        for start in (integer, integer + BOUNDS, integer + BOUNDS + GENERALS):
            yield Example(f"{start}{name}\n x y\nEnd\n", 22.0)
        return
    if section is Section.BINARIES:
        for start in (START, START + GENERALS):
            yield Example(f"{start}{name}\n y\nEnd\n", 18.0)
        return
    start = "Minimize\n obj: 3 x + 4 y\nSubject To\n c: x + y >= 2\nBounds\n 3 <= y <= 8.5\n"
    yield Example(f"{start}{name}\n y\nEnd\n", 6.0)
    yield Example(f"{start}{GENERALS}{name}\n y\nEnd\n", 6.0)


UNREAD = {
    "PWLObj": " x: (0,0) (1,5) (8,6)\n",
    "PWL": " f: y = x 0.5 (0,0) (8,4) 1\n",
    "GenCons": " g: r = MAX ( x , y , 3 )\n",
    "G.C.": " g: r = ABS ( x )\n",
    "General Constraints": " g: r = MAX ( x , y , 3 )\n",
    "General Constraint": " g: r = ABS ( x )\n",
    "Multi-objectives": " o: Priority=2 Weight=1\n x + y\n",
    "Indicators": " i: x = 1 -> y <= 3\n",
    "Indicator Constraints": " i: x = 1 -> y <= 3\n",
    "Scenario NAME": "Bounds\n x <= 3\n",
    "Semi-integer": " y\n",
    "Semi integer": " y\n",
    "SOS1": " s: x:1 y:2\n",
    "SOS2": " s: x:1 y:2\n",
}
"""What stands in sections that no solver reads."""


def examples(header: Header) -> Iterator[Example]:
    """Yield files with the section."""
    name = header.name
    match header.section:
        case Section.OBJECTIVE:
            yield from objectives(name)
        case Section.ROWS:
            yield from rows(name)
        case Section.BOUNDS:
            yield Example(f"{START}{name}\n x <= 6\nEnd\n", 28.0)
        case Section.GENERALS | Section.BINARIES | Section.SEMIS:
            yield from types(name, header.section)
        case Section.SETS if header.scip is Reading.READ:
            yield from everywhere(f"{name}\n s: S1:: x:1 y:2\n", 22.0, 18.0, 18.0)
        case Section.END:
            yield Example(f"{START}{name}\n", 29.25)
        case _ if "multi" in name and name != "Multi-objectives":
            yield from several_objectives(name)
        case _:
            word = name.replace(" NAME", " s1")
            yield from everywhere(f"{word}\n{UNREAD[name]}", None, None, None)


WORST = (Reading.READ, Reading.REFUSED, Reading.MISREAD)


@pytest.mark.parametrize("header", HEADERS, ids=lambda header: header.name)
def test_the_table_holds_against_the_solvers(header: Header, tmp_path: Path) -> None:
    """The worst of what a solver does with the section, wherever it stands, is in the table."""
    found = {}
    for solver, _, _ in header.readings:
        outcomes = set()
        for number, example in enumerate(examples(header)):
            path = tmp_path / f"{number}.lp"
            path.write_text(example.text)
            outcomes.add(reading(solver, path, ("x", "y"), example.optimum))
        found[solver] = max(outcomes, key=WORST.index)
    assert found == {"scip": header.scip, "highs": header.highs}


@pytest.mark.parametrize("header", HEADERS, ids=lambda header: header.name)
@pytest.mark.parametrize("change", [str, str.upper, str.lower])
def test_the_lint_says_so(header: Header, change: type[str]) -> None:
    """In any case of letters: an error for who misreads, a warning for who refuses."""
    for example in examples(header):
        name = header.name.replace(" NAME", " s1")
        notes = Notes()
        lint_lp([example.text.replace(f"{name}\n", f"{change(name)}\n").encode()], notes)
        found = [one for one in notes.findings() if one.rule.startswith("sections that are")]
        errors = {one.misread_by for one in found if one.severity is Severity.ERROR}
        misreaders = {who for who, _, outcome in header.readings if outcome is Reading.MISREAD}
        assert errors == ({""} if len(misreaders) == 2 else misreaders)
        warnings = [one.message for one in found if one.severity is Severity.WARNING]
        assert warnings == [
            f"section {header.name}; {title} refuses the file"
            for _, title, outcome in header.readings
            if outcome is Reading.REFUSED
        ]


def test_docs_have_the_table() -> None:
    """One row a header, in the order of the program."""
    rows = re.findall(
        r"^\| ([^`|]+?) \| (read|refused|misread) \| (read|refused|misread) \|$",
        DOCS.read_text(),
        re.MULTILINE,
    )
    assert rows == [(one.name, one.scip.value, one.highs.value) for one in HEADERS]


@pytest.mark.parametrize(
    ("line", "name"),
    [
        (b"  subject \t to c: x >= 1", "Subject To"),
        (b"General Constraints", "General Constraints"),
        (b"Generals", "Generals"),
        (b"sos", "SOS"),
        (b"SCENARIO two ", "Scenario NAME"),
        (b"st. c: x >= 1", "ST."),
    ],
)
def test_headers_are_found_at_the_start_of_a_line(line: bytes, name: str) -> None:
    """In any case of letters and any number of blanks, the longest first."""
    found = header_of(line)
    assert found is not None
    assert found[0].name == name


@pytest.mark.parametrize(
    "line", [b"", b" end: x >= 1", b"ends", b"x + end", b"pwl + x >= 1", b"scenario", b"semi_1 + x"]
)
def test_names_are_no_headers(line: bytes) -> None:
    """A label, a longer word, a word within a line, and one that is no line of its own."""
    assert header_of(line) is None
