"""``bench config`` and ``bench completion``, executed as a user would."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bench.cli.main import MODULES
from tests.bench.conftest import MakeCampaign
from tests.commands import in_process

Bench = Callable[..., Any]


def test_each_value_says_where_it_comes_from(bench: Bench, tmp_path: Path) -> None:
    """The environment goes over the nearest .env, and both over the default."""
    (tmp_path / ".env").write_text("BENCH_TIME_LIMIT=60\nBENCH_JOBS=3\n")
    below = tmp_path / "below"
    below.mkdir()
    found = in_process(below, "config", "sweep", "--json", env={"BENCH_JOBS": "2"}).json
    values = {one["option"]: (one["value"], one["origin"]) for one in found}
    assert values["--time-limit"] == ("60", str(tmp_path / ".env"))
    assert values["--jobs"] == ("2", "environment")
    assert values["--if-cores-taken"] == ("wait", "default")
    assert values["--memory-limit"][0] == "4096"
    shown = bench("config", "--set")
    lines = [line.split()[:2] for line in shown.out.splitlines() if re.match("--[a-z]", line)]
    assert lines == [["--jobs", "3"], ["--time-limit", "60"]]
    assert f".env: {tmp_path / '.env'}" in shown.err


def test_a_flag_is_off_unless_it_is_given(bench: Bench) -> None:
    """Also one whose name begins with no; the lint is on by default, as its help says."""
    values = {one["option"]: one["value"] for one in bench("config", "--json").json}
    assert {values[name] for name in values if name.startswith("--no-m")} == {"no"}
    assert values["--no-title"] == "no"
    assert values["--lint"] == "yes"


def test_passwords_are_not_shown(bench: Bench) -> None:
    """Neither in an address nor in a variable of their own."""
    env = {
        "MLFLOW_TRACKING_PASSWORD": "secret",
        "MLFLOW_TRACKING_URI": "postgresql://me:secret@host/db",
    }
    shown = bench("config", env=env)
    assert "secret" not in shown.out + shown.err
    assert "password at a server" in shown.out
    assert "postgresql://***@host/db" in bench("config", "--json", env=env).out


def test_a_variable_that_nothing_reads_is_told(bench: Bench) -> None:
    """A typing error in it would be ignored without a word."""
    err = bench("config", env={"BENCH_TIME_LIMT": "60"}).err
    assert "BENCH_TIME_LIMT is set, and no option reads it; did you mean BENCH_TIME_LIMIT?" in err
    assert "did you mean 'sweep'?" in bench("config", "swep", code=2).err


def completed(bench: Bench, *words: str) -> list[str]:
    """Return what bash is offered after these words, the last of which is not complete."""
    env = {
        "_BENCH_COMPLETE": "bash_complete",
        "COMP_WORDS": " ".join(("bench", *words)),
        "COMP_CWORD": str(len(words)),
    }
    lines = bench(env=env, code=None).out.splitlines()
    return [line.partition(",")[2] for line in lines]


def test_commands_options_and_names_are_completed(
    bench: Bench, make_campaign: MakeCampaign
) -> None:
    """As bash asks for them."""
    make_campaign("cuts")
    make_campaign("other")
    assert completed(bench, "sta") == ["status", "statistics"]
    assert set(completed(bench, "")) == set(MODULES)
    assert "--time-limit" in completed(bench, "run", "--time")
    assert completed(bench, "compare", "cu") == ["cuts"]
    assert completed(bench, "log", "x", "--sweep", "o") == ["other"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_gets_a_script_that_it_can_read(bench: Bench, shell: str) -> None:
    """With the shells that there are here."""
    script = bench("completion", shell).out
    assert "_BENCH_COMPLETE" in script
    if program := shutil.which(shell):
        subprocess.run([program, "-n"], input=script, text=True, check=True)
    assert "'tcsh' is not one of" in bench("completion", "tcsh", code=2).err
