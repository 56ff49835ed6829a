"""Provenance tags."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from bench import __version__
from bench.journal.provenance import collect, cpu_model, git_tags


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Return a git checkout with one committed file."""
    (tmp_path / "file").write_text("one", "utf-8")
    identity = ["-c", "user.name=n", "-c", "user.email=e@localhost", "-c", "commit.gpgsign=false"]
    hooks = ["-c", "core.hooksPath=none"]
    for arguments in (["init", "-q"], ["add", "file"], ["commit", "-q", "-m", "one"]):
        subprocess.run(["git", *identity, *hooks, *arguments], cwd=tmp_path, check=True)
    return tmp_path


def test_program_and_machine_are_named(tmp_path: Path) -> None:
    """Every number is worth only as much as is known of its origin."""
    tags = collect(tmp_path)
    assert tags["bench.version"] == __version__
    assert int(tags["bench.cores_logical"]) >= 1
    assert int(tags["bench.memory_mib"]) > 0
    assert tags.keys() >= {"bench.python", "bench.platform", "bench.host", "bench.cpu"}


def test_environment_variables_stay_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """They hold credentials."""
    monkeypatch.setenv("MLFLOW_TRACKING_PASSWORD", "hunter2")
    assert "hunter2" not in str(collect(tmp_path))


def test_a_clean_checkout_is_named_by_its_commit(checkout: Path) -> None:
    """MLflow shows the commit as the version of the source."""
    tags = git_tags(checkout)
    assert len(tags["mlflow.source.git.commit"]) == 40
    assert tags["bench.git_dirty"] == "false"


def test_a_changed_checkout_is_dirty(checkout: Path) -> None:
    """The commit alone would not tell what was executed."""
    (checkout / "file").write_text("two", "utf-8")
    assert git_tags(checkout)["bench.git_dirty"] == "true"


def test_outside_a_checkout_there_are_no_git_tags(tmp_path: Path) -> None:
    """An installed package has none."""
    assert git_tags(tmp_path) == {}


def test_without_git_there_are_no_git_tags(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Git is no requirement."""
    monkeypatch.setenv("PATH", "")
    assert git_tags(checkout) == {}


def test_the_processor_is_named_by_the_kernel(tmp_path: Path) -> None:
    """Python's platform module says only x86_64 on Linux."""
    info = tmp_path / "cpuinfo"
    info.write_text("processor\t: 0\nmodel name\t: Fast CPU @ 3GHz\n", "utf-8")
    assert cpu_model(info) == "Fast CPU @ 3GHz"


def test_elsewhere_the_processor_is_named_by_python(tmp_path: Path) -> None:
    """Something is better than nothing."""
    assert cpu_model(tmp_path / "missing")
