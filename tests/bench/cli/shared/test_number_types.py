"""Every numeric option of every command refuses what is no finite number, and huge integers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.types import FloatParamType, IntParamType
from hypothesis import given
from hypothesis import strategies as st

from bench.cli.main import command as root
from tests.commands import in_process

NO_NUMBER = ("nan", "NaN", "-nan", "inf", "-inf", "Infinity", "1e999", "-1e999")
HUGE = st.integers(min_value=2**63) | st.integers(max_value=-(2**63) - 1)


def numeric_options() -> Iterator[tuple[str, click.Option]]:
    """Yield all numeric options of all commands and of their commands, with the command's name."""
    commands: list[tuple[str, click.Command]] = [("bench", root)]
    while commands:
        name, command = commands.pop()
        for option in command.params:
            if isinstance(option, click.Option) and isinstance(
                option.type, FloatParamType | IntParamType
            ):
                yield f"{name} {option.opts[0]}", option
        if isinstance(command, click.Group):
            context = click.Context(command)
            for each in command.list_commands(context):
                found = command.get_command(context, each)
                assert found is not None
                commands.append((f"{name} {each}", found))


OPTIONS = dict(numeric_options())


def test_the_numeric_options_of_the_command_line_are_found() -> None:
    """The search for numeric options finds those of commands and of commands of commands."""
    assert {"bench run --time-limit", "bench gate --max-slowdown", "bench db runs --limit"} <= set(
        OPTIONS
    )


@pytest.mark.parametrize("name", OPTIONS)
def test_a_numeric_option_refuses_what_is_no_finite_number(name: str) -> None:
    """NaN and infinity are a usage error in every spelling that Python reads."""
    option = OPTIONS[name]
    for text in NO_NUMBER:
        with pytest.raises(click.BadParameter):
            option.type_cast_value(click.Context(root), text)


@given(number=HUGE)
def test_an_integer_option_refuses_more_than_64_bits(number: int) -> None:
    """An integer that no solver and no database holds is a usage error."""
    for option in OPTIONS.values():
        if isinstance(option.type, IntParamType):
            with pytest.raises(click.BadParameter):
                option.type_cast_value(click.Context(root), str(number))


def test_a_gate_without_a_limit_does_not_pass(tmp_path: Path) -> None:
    """A limit of nan, which every ratio is below or not above, is refused before the sources."""
    ended = in_process(tmp_path, "gate", "results.csv", "--max-slowdown", "nan", code=2)

    assert "nan is not a finite number" in ended.err
