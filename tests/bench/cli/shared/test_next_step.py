"""What commands say is worth doing next."""

from __future__ import annotations

import shlex
from pathlib import Path

import pandas as pd
import pytest

from bench.cli.main import command
from bench.cli.shared.next_step import name_of

pytestmark = pytest.mark.usefixtures("without_mlflow")


@pytest.fixture
def csv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return the name of a table in the current folder: ``slow`` takes twice as long."""
    rows = [
        {
            "instance": f"i{i}",
            "setting": setting,
            "seed": 0,
            "verdict": "solved",
            "solve_time_s": factor * (2.0 + i),
        }
        for setting, factor in (("default", 1.0), ("slow", 2.0))
        for i in range(12)
    ]
    monkeypatch.chdir(tmp_path)
    pd.DataFrame(rows).to_csv("a b.csv", index=False)
    return "a b.csv"


def next_step(capsys: pytest.CaptureFixture[str]) -> list[str]:
    """Return the words of the command that was said last on stderr."""
    (line,) = capsys.readouterr().err.splitlines()[-1:]
    return shlex.split(line.partition(": bench ")[2])


def test_a_comparison_leads_to_its_report(csv: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Of the same source, counted in the same way; what is said can be executed."""
    counting = ["--baseline", "slow", "--shift", "10.0", "--failures", "par10"]
    assert command.main(["compare", csv, *counting, "--by", "family", "--subset", "all"]) == 0
    said = next_step(capsys)
    assert said == ["report", csv, *counting]
    assert command.main([*said, "--resamples", "100"]) == 0
    assert Path("report.html").is_file()


def test_a_comparison_for_a_program_leads_nowhere(
    csv: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """JSON is read by a program."""
    assert command.main(["compare", csv, "--format", "json"]) == 0
    assert "bench report" not in capsys.readouterr().err


def test_a_regression_leads_to_the_instances(csv: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The figure of ratios, which can be drawn as it is said."""
    gate = ["gate", csv, "--baseline", "default", "--candidate", "slow", "--strict"]
    assert command.main(gate) == 4
    said = next_step(capsys)
    assert said == ["plot", "ratios", csv, "--baseline", "default", "-o", "ratios.html"]
    assert command.main(said) == 0


def test_exported_references_lead_to_a_check(csv: str, capsys: pytest.CaptureFixture[str]) -> None:
    """What is best known may be taken for a reference."""
    assert command.main(["export", csv, "-o", "best.solu"]) == 0
    assert next_step(capsys) == ["check", "--solu", "best.solu"]


def test_a_generated_instance_leads_to_a_run(csv: str, capsys: pytest.CaptureFixture[str]) -> None:
    """And the list of families to a generated instance."""
    assert csv
    assert command.main(["instances", "generate"]) == 0
    generate = next_step(capsys)
    assert command.main(generate) == 0
    assert next_step(capsys) == ["run", generate[-1]]
    assert Path(generate[-1]).is_file()


def test_a_campaign_is_named_where_other_commands_find_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By its name in the usual work folder, whoever set that, else by path."""
    monkeypatch.chdir(tmp_path)
    assert name_of(tmp_path / "bench-work" / "mine") == "mine"
    assert name_of(tmp_path / "elsewhere" / "mine") == f"{tmp_path}/elsewhere/mine"
    monkeypatch.setenv("BENCH_WORK_DIR", "elsewhere")
    assert name_of(tmp_path / "elsewhere" / "mine") == "mine"
