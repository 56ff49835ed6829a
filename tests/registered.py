"""A store with registered settings, made once for all tests of a session.

``naps`` version 1 is a setting of a sweep that is better than the sweep's baseline, version 2 the
baseline, compared with the other; ``cuts`` version 1 is from a ``.set`` file, of SCIP.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.commands import in_process
from tests.journal_lines import changed

N_INSTANCES = 7
SLEEP = "behaviour=sleep seconds="


def register_settings(folder: Path) -> Path:
    """Fill an empty folder, and return it."""
    for i in range(N_INSTANCES):
        (folder / f"i{i}.lp").write_text(f"min\n x\nst\n a: x >= {i}\nend\n")
    (folder / "cuts.set").write_text("separating/maxrounds = 0\n")
    settings = [f"--setting={name}: {SLEEP}{s}" for name, s in (("slow", 2), ("quick", 0.6))]
    sweep = ["*.lp", "--solver", "fake", *settings, "--baseline", "slow", "--name", "naps"]
    fast = ["-j", str(N_INSTANCES), "--oversubscribe", "--no-verify", "--no-lint"]
    in_process(folder, "sweep", *sweep, *fast, "--no-mlflow")
    journal = folder / "bench-work" / "naps" / "journal.jsonl"
    journal.write_bytes(b"".join(changed(one, _undisturbed) for one in _lines(journal)))
    in_process(folder, "sync", "naps")
    in_process(folder, "register", "quick", "--from", "naps", "--model", "naps")
    in_process(folder, "register", "slow", "--model", "naps", "--baseline", "quick")
    in_process(folder, "register", "cuts", "--settings-file", "cuts.set", "--model", "cuts")
    return folder


def _lines(path: Path) -> list[bytes]:
    return path.read_bytes().splitlines(keepends=True)


def _undisturbed(result: dict[str, Any]) -> None:
    """Whatever else the machine did meanwhile: what is concluded is the same each time."""
    result["execution"]["noise"] = []
