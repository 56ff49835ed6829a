"""``bench instances anonymize`` and ``restore``, executed as a user does."""

from __future__ import annotations

import gzip
import json
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Bench = Callable[..., Any]
LP = "\\ SECRET\nMaximize\n o: 5 SECRET_a + 4 b\nst\n SECRET_row: 2 SECRET_a + b <= 4\nEnd\n"


@pytest.fixture
def models(tmp_path: Path, root: Path) -> Path:
    """Return a folder with an LP, and an MPS that SCIP branches on, packed."""
    folder = tmp_path / "models"
    folder.mkdir()
    (folder / "small.lp").write_text(LP)
    (folder / "gap.mps.gz").write_bytes((root / "instances" / "gap-4x24.mps.gz").read_bytes())
    return folder


def test_copies_are_solved_the_same_way_and_solutions_come_back(
    bench: Bench, models: Path, tmp_path: Path
) -> None:
    """Nodes and LP iterations are those of the original; the key is private and beside them."""
    done = bench("instances", "anonymize", models, "-o", "given")
    assert done.out.splitlines() == ["given/gap.mps.gz", "given/small.lp"]
    key = tmp_path / "given.key.json"
    assert f"Keep {key} secret" in done.err
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    copy = tmp_path / "given" / "small.lp"
    assert copy.read_text() == "Maximize\n r1: 5 c1 + 4 c2\nst\n r2: 2 c1 + c2 <= 4\nEnd\n"
    assert b"cap" not in gzip.decompress((tmp_path / "given" / "gap.mps.gz").read_bytes())
    words = ("-j", "1", "--node-limit", "20", "--no-mlflow", "--json")
    runs = [bench("run", folder, *words).json["results"] for folder in (models, "given")]
    paths = [
        [(one["instance"], one["n_nodes"], one["n_lp_iterations"]) for one in run] for run in runs
    ]
    assert paths[0] == paths[1]
    (tmp_path / "s.sol").write_text("objective value: 16\nc2 4 \t(obj:4)\n")
    back = bench("instances", "restore", "s.sol", "--key", key, "--model", "small.lp", "-o", "o")
    assert back.out == ""
    assert (tmp_path / "o").read_text() == "objective value: 16\nb 4 \t(obj:4)\n"
    bench("verify", models / "small.lp", "o")


def test_nothing_is_overwritten_and_nothing_half_written(
    bench: Bench, models: Path, tmp_path: Path
) -> None:
    """One line each, and no folder where one model cannot be anonymized."""
    key = tmp_path / "given.key.json"
    key.write_text("{}")
    words = ("instances", "anonymize", models, "-o", "given")
    assert "this key file exists already" in bench(*words, code=2).err
    key.unlink()
    (models / "odd.lp").write_text(f"{LP[:-4]}PWLObj\n SECRET_a: (0,0) (1,1)\nEnd\n")
    assert "odd.lp:6: section PWLObj" in bench(*words, code=2).err
    (models / "odd.lp").unlink()
    (models / "odd.opb").write_text("* #variable= 1 #constraint= 1\n+1 x1 >= 1;\n")
    assert "only MPS and LP files can be anonymized" in bench(*words, code=2).err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["models"]
    assert "no such" in bench("instances", "anonymize", "none.mps", "-o", "given", code=2).err


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"models": []}', '{"models": {"a": 1}}', "[" * 5000, "\0"]
)
def test_what_is_no_key_is_refused(bench: Bench, tmp_path: Path, text: str) -> None:
    """By its name."""
    (tmp_path / "key.json").write_text(text)
    (tmp_path / "s.sol").write_text("c1 1\n")
    done = bench("instances", "restore", "s.sol", "--key", "key.json", code=2)
    assert done.err == "Error: key.json: this is not a key file of bench instances anonymize\n"


def test_a_model_is_named_where_the_key_has_several(bench: Bench, tmp_path: Path) -> None:
    """They are listed."""
    models = {"a.mps": {"columns": {"c1": "x"}}, "b.mps": {"columns": {"c1": "y"}}}
    (tmp_path / "key.json").write_text(json.dumps({"models": models}))
    (tmp_path / "s.sol").write_text("c1 1\n")
    words = ("instances", "restore", "s.sol", "--key", "key.json")
    assert "choose one with --model: a.mps, b.mps" in bench(*words, code=2).err
    assert "no model 'c'; there are: a.mps, b.mps" in bench(*words, "--model", "c", code=2).err
    assert bench(*words, "--model", "b.mps").out == "y 1\n"
