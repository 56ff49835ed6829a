"""docs/lint.md has every rule of the lint, with its severity, and no other."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from bench.instances.lint import agreement

ROOT = Path(__file__).parent.parent.parent
CALLS = {"error": "error", "warning": "warning", "_fail": "error", "_same": "error"}
Rule = tuple[str, str]


def documented() -> set[Rule]:
    """Return name and severity of each rule in the tables."""
    row = r"^\| (`.*?`) \| (\w+)(?: \([\w ]+\))? \|"
    rows = re.findall(row, (ROOT / "docs" / "lint.md").read_text(), re.MULTILINE)
    return {(rule, severity) for rules, severity in rows for rule in re.findall("`(.*?)`", rules)}


def programmed() -> set[Rule]:
    """Return a pattern of the name, and the severity, of each rule in the code."""
    folder = ROOT / "bench"
    files = [*(folder / "instances" / "lint").glob("*.py"), *(folder / "execution").glob("*.py")]
    compares_files = "same_problem.py"  # it borrows the form of a finding, and is no rule
    texts = [file.read_text() for file in files if file.name != compares_files]
    rules = {rule for text in texts for rule in called(ast.parse(text))}
    counted = {**agreement._COUNTS, **agreement._TOTALS}
    return rules | {(re.escape(name), "warning") for name in counted}


def called(tree: ast.AST) -> Iterator[Rule]:
    """Yield what a module notes under a name that stands in its text."""
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args):
            continue
        severity, name = CALLS.get(node.func.attr), node.args[0]
        if severity and isinstance(name, ast.Constant):
            yield re.escape(str(name.value)), severity
        elif severity and isinstance(name, ast.JoinedStr):
            parts = [
                re.escape(str(part.value)) if isinstance(part, ast.Constant) else r"\w+"
                for part in name.values
            ]
            yield "".join(parts), severity


def fits(rule: Rule, pattern: Rule) -> bool:
    """Return whether a rule in the docs is the one in the code."""
    return rule[1] == pattern[1] and re.fullmatch(pattern[0], rule[0]) is not None


def test_every_rule_is_documented_with_its_severity() -> None:
    """A new rule needs a row."""
    rules = documented()
    assert {one for one in programmed() if not any(fits(rule, one) for rule in rules)} == set()


def test_nothing_else_is_documented() -> None:
    """A rule that is gone leaves no row."""
    patterns = programmed()
    assert len(patterns) > 60
    assert {rule for rule in documented() if not any(fits(rule, one) for one in patterns)} == set()
