"""Control characters in names are refused in every command, wherever the name comes from."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from bench.cli.main import command as root
from bench.model.printable import checked_name, escaped, has_control, shown
from tests.commands import Run, in_process
from tests.conftest import KNAPSACK

ODD = (
    *("a\nb", "a\rb", "a\tb", "\x1b[31mred", "a\x00b", "a\x7fb", "a\x85b", "a\u2028b"),
    *("a\u202eb", "a\u2066b", "\ufeffa", "a\ud800b", "gr\udcf6sse"),
)
NAMES = (
    "plain",
    "größe",
    "名前",
    "\u0645\u06cc\u200c\u062e",
    "👩\u200d🔬",
    "a b",
    "x=1 y=2",
    "-",
    "a\u00a0b",
)
FREE = {"bench db query STATEMENT", "--notify"}
"""What may have several lines: a statement of SQL, a command of the shell."""


def name_like() -> Iterator[tuple[str, str]]:
    """Yield each option and argument that takes a text or a path, with the words of its command."""
    commands: list[tuple[str, click.Command]] = [("bench", root)]
    while commands:
        name, command = commands.pop()
        for each in command.params:
            is_text = not isinstance(
                each.type,
                click.types.FloatParamType | click.types.IntParamType | click.Choice,
            )
            if isinstance(each, click.Argument):
                yield name, f"{(each.name or '').upper()}"
            elif isinstance(each, click.Option) and is_text and not each.is_flag:
                yield name, max(each.opts, key=len)
        if isinstance(command, click.Group):
            context = click.Context(command)
            for one in command.list_commands(context):
                found = command.get_command(context, one)
                assert found is not None
                commands.append((f"{name} {one}", found))


PLACES = [
    (name, option)
    for name, option in name_like()
    if option not in FREE and f"{name} {option}" not in FREE
]


def test_options_and_arguments_of_all_commands_are_found() -> None:
    """Those of commands of commands, too."""
    assert {
        ("bench run", "--setting-name"),
        ("bench sweep", "--name"),
        ("bench compare", "SOURCES"),
        ("bench db runs", "--experiment-name"),
        ("bench solvers add", "WANTED"),
    } <= set(PLACES)


@pytest.mark.parametrize(("name", "option"), PLACES)
def test_a_name_with_control_characters_is_refused(
    capsys: pytest.CaptureFixture[str], name: str, option: str
) -> None:
    """In one line, with the exit code of a wrong option, whatever the character."""
    before = ("--",) if not option.startswith("--") else (option,)
    odd = ODD[PLACES.index((name, option)) % len(ODD)]
    for words in ((*before, odd), (f"{option}={odd}",) if option.startswith("--") else ()):
        if words:
            assert root.main([*name.split()[1:], *words]) == 2
            said = capsys.readouterr()
            assert said.out == ""
            assert said.err.count("\n") == 1
            assert not has_control(said.err[:-1])
            assert repr(odd)[1:-1] in said.err


@pytest.mark.parametrize("odd", ODD)
def test_each_odd_character_is_refused(capsys: pytest.CaptureFixture[str], odd: str) -> None:
    """Controls of terminals and of direction, line ends, half characters."""
    assert root.main(["compare", odd]) == 2
    assert "a name must not contain" in (said := capsys.readouterr().err) or "not in UTF-8" in said
    assert has_control(odd)
    assert not has_control(escaped(odd))
    assert not has_control(shown(odd * 100))


@pytest.mark.parametrize("name", NAMES)
def test_names_in_all_scripts_are_names(name: str) -> None:
    """Joiners belong to words and to emoji."""
    assert checked_name(name) == name


@pytest.mark.parametrize("variable", ["BENCH_NAME", "MLFLOW_EXPERIMENT_NAME", "BENCH_WORK_DIR"])
def test_a_variable_is_held_to_the_same(bench: Run, tmp_path: Path, variable: str) -> None:
    """Set outside, or in a file .env; only those of the command's own options."""
    odd = {variable: "a\x1b[2Jb"}
    ended = bench("sweep", "x.mps", code=2, env=odd)
    assert ended.err == (
        f"Error: {variable}: 'a\\x1b[2Jb': a name must not contain control characters\n"
    )
    bench("instances", "list", "-h", env={"BENCH_NAME": "a\x1bb", "BENCH_NOTIFY": "true\ntrue"})
    (tmp_path / ".env").write_text(f'{variable}="a\x1b[2Jb"\n')
    assert "control characters" in bench("sweep", "x.mps", code=2).err


@pytest.mark.parametrize(
    "text",
    [
        'name: "a\\u202eb"\ninstances: [k.mps]',
        'name: "a\\x1bb"\ninstances: [k.mps]',
        'instances: [k.mps]\nsettings: {"a\\nb": {alpha: 0.1}}',
        'instances: [k.mps]\nknobs: {"a\\tb": {separating/maxcuts: 2}}',
        'instances: [k.mps]\ngrid: {"a\\u2066": [0.1]}',
        'solver: "a\\rb"\ninstances: [k.mps]',
        'instances: ["a\\x1b.mps"]',
        'baseline: "a\\x1bb"\ninstances: [k.mps]',
    ],
)
def test_a_sweep_file_is_held_to_the_same(tmp_path: Path, text: str) -> None:
    """Whichever key the name stands in, it is a line that can be printed."""
    (tmp_path / "k.mps").write_text(KNAPSACK)
    (tmp_path / "s.yaml").write_text(text)
    ended = in_process(tmp_path, "plan", "s.yaml", code=None)
    assert ended.code in {1, 2} or "no such file" in ended.err
    assert not any(map(has_control, (ended.out + ended.err).split("\n")))


def test_files_with_odd_names_are_escaped_where_they_are_shown(bench: Run, tmp_path: Path) -> None:
    """Those that no solver can open are named, and the others are executed."""
    for name in ("a\nb.mps", "\x1b[31mred.mps", "\u202eleft.mps"):
        (tmp_path / name).write_text(KNAPSACK)
    with open(os.fsencode(tmp_path) + b"/gr\xf6sse.mps", "w") as file:  # noqa: PTH123
        file.write(KNAPSACK)
    for words in (
        ("run", ".", "--solver", "fake", "--no-mlflow", "--jobs", "1"),
        *(("ls",), ("status",), ("instances", "list", ".")),
    ):
        ended = bench(*words)
        assert not any(map(has_control, (ended.out + ended.err).split("\n")))
    assert "a\\nb" in ended.out
    assert "gr\\udcf6sse" in ended.out
    ended = bench("instances", "lint", "a\nb.mps")
    assert "not in UTF-8" in bench("instances", "lint", "gr\udcf6sse.mps", code=2).err


def test_names_in_a_table_are_escaped_in_tables_and_sentences(bench: Run, tmp_path: Path) -> None:
    """Somebody else has written it."""
    (tmp_path / "k.mps").write_text(KNAPSACK)
    local = ("--no-mlflow", "--jobs", "1", "--if-cores-taken", "share", "--name", "s")
    bench("sweep", "k.mps", "--param", "value=1,2", "--solver", "fake", "--seeds", "2", *local)
    bench("export", "s", "--output", "t.csv")
    text = (tmp_path / "t.csv").read_text()
    assert ",value=2," in text
    odd = text.replace(",value=2,", ",b\x1b[31m\u202ex,").replace("\nk,", "\nk\u2066,")
    (tmp_path / "t.csv").write_text(odd)
    for words in (("compare", "t.csv", "--baseline", "value=1"), ("statistics", "t.csv")):
        ended = bench(*words)
        assert not any(map(has_control, (ended.out + ended.err).split("\n")))
