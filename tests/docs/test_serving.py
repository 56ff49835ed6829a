"""docs/serving.md names what there is, and its Python works."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bench.app.registry.promote import FORCED
from bench.app.solve import SolveAnswer
from bench.serving.application import STATUSES
from bench.serving.body import FIELDS
from tests.commands import Run

TEXT = (Path(__file__).parent.parent.parent / "docs" / "serving.md").read_text()


def test_every_field_and_status_is_explained() -> None:
    """In the tables of requests, answers and errors."""
    cells = " ".join(re.findall(r"^\| ([^|]+) \|", TEXT, re.MULTILINE))
    for name in (*FIELDS, *SolveAnswer.__slots__):
        assert f"`{name}`" in cells
    for _, status in STATUSES:
        assert str(status) in cells


def test_every_tag_of_a_version_is_explained(
    bench: Run, registered: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And a model is found as the documentation says."""
    from mlflow import MlflowClient

    (code,) = re.findall(r"^```python\n(.*?)^```", TEXT, re.DOTALL | re.MULTILINE)
    bench("promote", "naps", 1)
    monkeypatch.chdir(registered)
    *statements, by_alias, by_tag = code.replace("plant", "naps").strip().splitlines()
    names: dict[str, object] = {}
    exec("\n".join(statements), names)  # noqa: S102 - it is ours
    assert eval(by_alias, names) == 1  # noqa: S307
    (found,) = eval(by_tag, names)  # noqa: S307
    tags = MlflowClient(f"sqlite:///{registered}/mlflow.db").get_model_version("naps", "1").tags
    assert found.tags == tags
    for name in (*tags, FORCED):
        assert f"`{name}`" in TEXT
