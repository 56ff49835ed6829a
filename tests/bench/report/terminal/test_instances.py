"""Findings of the lint as text and as rows."""

from __future__ import annotations

import json
from pathlib import Path

from bench.model.instances.finding import LintFinding, Severity
from bench.report.terminal.instances import lint_rows, lint_text

ERROR = LintFinding(
    Severity.ERROR, 3, "'1x' is not a number; solvers silently read 1", "not a number"
)
WARNING = LintFinding(Severity.WARNING, None, "no section RHS; SCIP refuses the file")


def test_each_finding_is_one_line_and_the_last_line_counts() -> None:
    """A clean file only counts."""
    text = lint_text([(Path("a.mps"), [ERROR, WARNING]), (Path("b.lp"), [])])
    assert text.splitlines() == [
        "a.mps:3: error: '1x' is not a number; solvers silently read 1 [not a number]",
        "a.mps: warning: no section RHS; SCIP refuses the file",
        "2 files, 1 error, 1 warning",
    ]


def test_json_has_one_object_a_file() -> None:
    """With counts and findings, whatever there are."""
    rows = json.loads(json.dumps(lint_rows([(Path("a.mps"), [ERROR]), (Path("b.lp"), [])])))
    assert rows == [
        {
            "path": "a.mps",
            "errors": 1,
            "warnings": 0,
            "findings": [
                {
                    "severity": "error",
                    "line": 3,
                    "message": ERROR.message,
                    "rule": "not a number",
                    "misread_by": "",
                }
            ],
        },
        {"path": "b.lp", "errors": 0, "warnings": 0, "findings": []},
    ]


def test_a_finding_names_file_and_line() -> None:
    """Or the file alone, where it is about all of it."""
    assert ERROR.text("a.mps").startswith("a.mps:3: '1x'")
    assert WARNING.text("a.mps").startswith("a.mps: no section")
