"""Names and files that want more than they may."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bench.cli.main import command
from tests.conftest import KNAPSACK

Bench = Callable[..., Any]

HOSTILE = f"""
name: ../../../outside
instances: [in]
settings:
  ../../up: {{limits/gap: 0.1}}
  /absolute {"long" * 75}: {{limits/gap: 0.2}}
"""


@pytest.mark.slow
def test_no_name_leads_out_of_the_work_folder(bench: Bench, tmp_path: Path) -> None:
    """Sweep, settings, instance and experiment are named like ways up; nothing is written there."""
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "...$(touch pwned);.mps").write_text(KNAPSACK)
    (tmp_path / "hostile.yaml").write_text(HOSTILE)
    (tmp_path / "store").mkdir()
    before = set(tmp_path.parent.iterdir())
    bench(
        *("sweep", "hostile.yaml", "--experiment-name", "..", "--work-dir", "work/here"),
        *("--tracking-uri", "sqlite:///store/mlflow.db"),
    )
    assert set(tmp_path.parent.iterdir()) == before
    assert {path.name for path in tmp_path.iterdir()} == {"hostile.yaml", "in", "store", "work"}
    assert [path.name for path in (tmp_path / "work").glob("[!.]*")] == ["here"]
    kept = {path.name.partition(".db")[0] for path in (tmp_path / "store").iterdir()}
    assert kept == {"mlflow", "mlruns"}
    logs = list((tmp_path / "store" / "mlruns").rglob("solver.log"))
    assert len(logs) == 2


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (
            'name: !!python/object/apply:os.system ["touch pwned"]\ninstances: [x]',
            "expected a text",
        ),
        ('!!python/object/new:os.system ["touch pwned"]', "not a sweep: expected keys"),
        ('name: "a\\0b"\ninstances: [x.mps]', "control characters"),
        ('instances: [x.mps]\nsettings: {"a\\e[2J": {limits/gap: 0.1}}', "control characters"),
    ],
)
def test_a_sweep_file_is_only_text(
    content: str,
    words: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Python objects in YAML are not made, and a terminal is not written to by a name."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "x.mps").write_text(KNAPSACK)
    (tmp_path / "hostile.yaml").write_text(content)
    assert command.main(["plan", "hostile.yaml"]) == 2
    said = capsys.readouterr().err
    assert words in said
    assert said.count("\n") == 1
    assert "\x1b" not in said
    assert not (tmp_path / "pwned").exists()


def test_nothing_is_unpickled_and_no_check_of_that_is_switched_off(root: Path) -> None:
    """Ruff's rules on pickle, marshal, eval and YAML (S301, S302, S307, S403, S506) all hold."""
    sources = {path: path.read_text() for path in (root / "bench").rglob("*.py")}
    off = re.compile(r"noqa: .*\bS(30[127]|403|506)\b|\b(pickle|marshal|shelve|joblib|dill)\b")
    assert [path for path, text in sources.items() if off.search(text)] == []
    settings = (root / "pyproject.toml").read_text()
    assert 'select = ["ALL"]' in settings
    assert not re.search(r'^ *"S(3|30[127]?|403|506|4|5)?",', settings, re.MULTILINE)
