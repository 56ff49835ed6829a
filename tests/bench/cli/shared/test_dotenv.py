"""The file ``.env`` in a folder above."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click
import pytest

from bench.cli.main import MODULES, command
from bench.cli.shared.dotenv import PATHS, SEPARATORS, URIS, from_folder
from tests.commands import in_process

Bench = Callable[..., Any]
ABOVE = Path("/above")


def options(group: click.Command) -> Iterator[click.Parameter]:
    """Yield the options of a command and of those below it."""
    yield from group.params
    if isinstance(group, click.Group):
        context = click.Context(group)
        for name in group.list_commands(context):
            found = group.get_command(context, name)
            assert found is not None
            yield from options(found)


def test_every_option_that_takes_a_path_is_known() -> None:
    """Another one has to be added to the list."""
    assert MODULES
    for option in options(command):
        if option.envvar and isinstance(option.type, click.Path):
            assert option.envvar in PATHS | SEPARATORS.keys()
        if option.name == "tracking_uri":
            assert set(option.envvar or ()) <= URIS


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("MLFLOW_TRACKING_URI", "sqlite:///team.db", "sqlite:////above/team.db"),
        ("BENCH_TRACKING_URI", "sqlite:///data/a b.db?x=1", "sqlite:////above/data/a b.db?x=1"),
        ("MLFLOW_TRACKING_URI", "sqlite+pysqlite:///a.db", "sqlite+pysqlite:////above/a.db"),
        ("BENCH_START", "none,solutions", "none,/above/solutions"),
        ("MLFLOW_TRACKING_URI", "sqlite:////there/a.db", "sqlite:////there/a.db"),
        ("MLFLOW_TRACKING_URI", "sqlite://", "sqlite://"),
        ("MLFLOW_TRACKING_URI", "mlruns", "/above/mlruns"),
        ("MLFLOW_TRACKING_URI", "file:mlruns", "file:/above/mlruns"),
        ("MLFLOW_TRACKING_URI", "file:///there", "file:///there"),
        ("MLFLOW_TRACKING_URI", "http://host:5000", "http://host:5000"),
        ("MLFLOW_TRACKING_URI", "host:5000", "host:5000"),
        ("MLFLOW_TRACKING_URI", "databricks", "databricks"),
        ("BENCH_WORK_DIR", "work", "/above/work"),
        ("BENCH_WORK_DIR", "../work", "/work"),
        ("BENCH_WORK_DIR", "/there", "/there"),
        ("BENCH_WORK_DIR", "", ""),
        ("BENCH_SOLU", "a.solu:/there/b.solu:c.csv", "/above/a.solu:/there/b.solu:/above/c.csv"),
        ("BENCH_SETTINGS", "a.set,b.set c.set", "/above/a.set,/above/b.set /above/c.set"),
        ("PGPASSFILE", "./passwords", "/above/passwords"),
        ("BENCH_NAME", "mine", "mine"),
        ("BENCH_TIME_LIMIT", "60", "60"),
    ],
)
def test_relative_paths_are_taken_from_the_files_folder(
    name: str, value: str, expected: str
) -> None:
    """All else stays as it is written."""
    assert from_folder(name, value, ABOVE) == expected


@pytest.mark.slow
def test_the_folders_below_share_store_and_work_folder(bench: Bench, tmp_path: Path) -> None:
    """A variable of the environment itself is meant from where the command is typed."""
    (tmp_path / "x.lp").write_text("min\n x\nst\n a: x >= 2\nend\n")
    (tmp_path / "found.solu").write_text("=opt= x 2\n")
    (tmp_path / ".env").write_text(
        "MLFLOW_TRACKING_URI=sqlite:///team.db\nBENCH_WORK_DIR=work\nBENCH_SOLU=found.solu\n"
    )
    below = tmp_path / "sub" / "deep"
    below.mkdir(parents=True)
    done = bench("run", "x.lp", "--json")
    assert done.err == "See the results in team.db: bench ui\n"
    done = in_process(below, "run", "../../x.lp", "--json")
    assert done.json["results"][0]["verdict"] == "solved"
    assert done.err == f"See the results in {tmp_path}/team.db: bench ui\n"
    done = in_process(below, "run", "../../x.lp", env={"MLFLOW_TRACKING_URI": "sqlite:///own.db"})
    assert done.err == "See the results in own.db: bench ui\n"
    assert len(list((tmp_path / "work").glob("run-*"))) == 3
    assert {path.relative_to(tmp_path) for path in tmp_path.rglob("*.db")} == {
        Path("team.db"),
        Path("sub/deep/own.db"),
    }
