"""Findings kept by content and format."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bench.instances.lint import findings
from bench.instances.lint.findings import Subject, cached
from bench.model.instances.finding import LintFinding, Severity

ONE = Subject(digest="d1", file_format="mps", readers="6.3-1.15")
FINDINGS = [LintFinding(Severity.ERROR, 3, "what; why"), LintFinding(Severity.WARNING, None, "hm")]


def never() -> list[LintFinding]:
    """Fail: the findings should have been kept."""
    raise AssertionError


@pytest.mark.parametrize("findings", [FINDINGS, []])
def test_findings_are_made_once(tmp_path: Path, findings: list[LintFinding]) -> None:
    """Also where there are none, and where the folder does not exist yet."""
    folder = tmp_path / "a" / "b"
    assert cached(ONE, folder, lambda: findings) == findings
    assert cached(ONE, folder, never) == findings


def test_another_content_has_its_own_findings(tmp_path: Path) -> None:
    """The digest tells contents apart."""
    cached(ONE, tmp_path, lambda: FINDINGS)
    assert cached(replace(ONE, digest="d2"), tmp_path, list) == []


def test_the_same_content_in_another_format_has_its_own_findings(tmp_path: Path) -> None:
    """The same bytes as ``.lp`` and as ``.mps`` are two problems."""
    cached(ONE, tmp_path, lambda: FINDINGS)
    assert cached(replace(ONE, file_format="lp"), tmp_path, list) == []


def test_other_readers_have_their_own_findings(tmp_path: Path) -> None:
    """Another version of a solver may read a file otherwise."""
    cached(ONE, tmp_path, lambda: FINDINGS)
    assert cached(replace(ONE, readers="6.3-1.16"), tmp_path, list) == []


def test_another_version_of_the_rules_makes_them_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What older rules found is not used."""
    cached(ONE, tmp_path, lambda: FINDINGS)
    monkeypatch.setattr(findings, "LINT_VERSION", findings.LINT_VERSION + 1)
    assert cached(ONE, tmp_path, list) == []


@pytest.mark.parametrize("text", ["", "{", "{}", "[1]", '[{"severity": "bad"}]', "\udcff"])
def test_a_damaged_entry_is_made_again(tmp_path: Path, text: str) -> None:
    """And kept in place of the damaged one."""
    cached(ONE, tmp_path, list)
    (entry,) = tmp_path.iterdir()
    entry.write_text(text, encoding="utf-8", errors="surrogateescape")
    assert cached(ONE, tmp_path, lambda: FINDINGS) == FINDINGS
    assert cached(ONE, tmp_path, never) == FINDINGS


def test_a_folder_that_cannot_be_written_costs_time_only(tmp_path: Path) -> None:
    """The findings are there all the same."""
    (tmp_path / "file").touch()
    assert cached(ONE, tmp_path / "file" / "sub", lambda: FINDINGS) == FINDINGS
