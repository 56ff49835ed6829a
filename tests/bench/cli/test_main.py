"""The root of the command line."""

from __future__ import annotations

import errno
import io
import os
import subprocess
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from bench.cli.main import COMMANDS, MODULES, command

Bench = Callable[..., Any]
SLOW = frozenset({"mlflow", "pandas", "rich", "pooch", "requests"})


@pytest.fixture
def deleted_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in a folder that was deleted since."""
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()


@pytest.mark.parametrize("name", MODULES)
def test_the_list_of_commands_says_what_each_says_of_itself(name: str) -> None:
    """The first line of a command's help is the one in the overview."""
    texts = {name: text for commands in COMMANDS.values() for name, text in commands.items()}
    text = texts[name]
    command = import_module(MODULES[name]).command
    assert command.get_short_help_str(limit=200).rstrip(".") == text.rstrip(".")


def test_help_lists_the_commands_room_by_room(bench: Bench) -> None:
    """Both -h and --help, and no arguments at all."""
    for arguments in (["-h"], ["--help"], []):
        out = bench(*arguments).out
        places = [out.index(f"  {name} ") for name in MODULES]
        assert places == sorted(places)


@pytest.mark.parametrize("name", ["solvers", "instances", "db", "select"])
def test_no_command_of_a_group_is_cut_in_its_list(bench: Bench, name: str) -> None:
    """Its first sentence is complete."""
    assert "..." not in bench(name, "-h").out.partition("Commands:")[2]


def test_the_lines_of_an_example_in_a_help_stay_lines(bench: Bench) -> None:
    """They can be copied."""
    assert 'eval "$(bench completion zsh)"\n' in bench("completion", "-h").out


def test_an_output_without_room_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """As with a closed pipe, but said: the file of the output is incomplete."""

    class Full(io.StringIO):
        def write(self, _: str) -> int:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("sys.stdout", Full())
    assert command.main(["-h"]) == 1
    assert capsys.readouterr().err == (
        "Error: the output: cannot be written: No space left on device\n"
    )


def test_an_unknown_command_is_answered_with_the_nearest(bench: Bench) -> None:
    """A typing error costs one line."""
    assert "did you mean 'run'?" in bench("rum", code=2).err


@pytest.mark.usefixtures("deleted_folder")
@pytest.mark.parametrize("words", [["status"], ["run", "a.mps"], ["doctor"], ["rum"]])
def test_a_current_folder_that_is_gone_is_one_line(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """Whatever the command would have looked for there."""
    assert command.main(words) == 2
    printed = capsys.readouterr()
    assert (printed.out, printed.err) == (
        "",
        "Error: the current folder no longer exists; change to another one (cd)\n",
    )


@pytest.mark.usefixtures("deleted_folder")
@pytest.mark.parametrize("words", [["--version"], ["-h"], ["status", "--help"]])
def test_help_and_version_need_no_current_folder(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """They are printed as ever."""
    assert command.main(words) == 0
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("arguments", [["--help"], ["run", "--help"], ["params", "limits/time"]])
def test_mlflow_is_not_imported_for_help_and_params(arguments: list[str]) -> None:
    """It costs seconds."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "bench", *arguments],
        capture_output=True,
        text=True,
        env=os.environ,
        check=True,
    )
    imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert "click" in imported
    assert not {
        name
        for name in imported
        if name.split(".")[0] in {"mlflow", "pandas", "rich", "pooch", "requests"}
    }
