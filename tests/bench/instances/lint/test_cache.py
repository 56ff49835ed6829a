"""Findings kept by digest."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.instances.lint import cache
from bench.instances.lint.cache import cached
from bench.model.finding import Finding, Severity

FINDINGS = [Finding(Severity.ERROR, 3, "what; why"), Finding(Severity.WARNING, None, "hm")]


def never() -> list[Finding]:
    """Fail: the findings should have been kept."""
    raise AssertionError


@pytest.mark.parametrize("findings", [FINDINGS, []])
def test_findings_are_made_once(tmp_path: Path, findings: list[Finding]) -> None:
    """Also where there are none, and where the folder does not exist yet."""
    folder = tmp_path / "a" / "b"
    assert cached("d1", folder, lambda: findings) == findings
    assert cached("d1", folder, never) == findings


def test_another_content_has_its_own_findings(tmp_path: Path) -> None:
    """The digest tells contents apart."""
    cached("d1", tmp_path, lambda: FINDINGS)
    assert cached("d2", tmp_path, list) == []


def test_another_version_of_the_rules_makes_them_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What older rules found is not used."""
    cached("d1", tmp_path, lambda: FINDINGS)
    monkeypatch.setattr(cache, "LINT_VERSION", cache.LINT_VERSION + 1)
    assert cached("d1", tmp_path, list) == []


@pytest.mark.parametrize("text", ["", "{", "{}", "[1]", '[{"severity": "bad"}]', "\udcff"])
def test_a_damaged_entry_is_made_again(tmp_path: Path, text: str) -> None:
    """And kept in place of the damaged one."""
    cached("d1", tmp_path, list)
    (entry,) = tmp_path.iterdir()
    entry.write_text(text, encoding="utf-8", errors="surrogateescape")
    assert cached("d1", tmp_path, lambda: FINDINGS) == FINDINGS
    assert cached("d1", tmp_path, never) == FINDINGS


def test_a_folder_that_cannot_be_written_costs_time_only(tmp_path: Path) -> None:
    """The findings are there all the same."""
    (tmp_path / "file").touch()
    assert cached("d1", tmp_path / "file" / "sub", lambda: FINDINGS) == FINDINGS
