"""Reject control characters in arguments and environment variables, in all commands alike."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

import click

from bench.model.printable import checked_name, has_control, is_encodable

QUERY = ["db", "query"]
"""The command whose argument is a statement, which may have several lines."""
NOTIFY = "notify"
"""The option whose value is a command of the shell, which may have several lines."""


def refuse_control_characters(words: Sequence[str]) -> None:
    """Raise UsageError for an argument with control characters.

    The name of an existing file may have them; they are shown as Python escapes. But it has to be
    valid UTF-8, so that solvers and stores can use it.
    """
    is_query = list(words[:2]) == QUERY
    for before, word in pairwise(["", *words]):
        is_command = before == f"--{NOTIFY}" or word.startswith(f"--{NOTIFY}=")
        is_statement = is_query and not before.startswith("--") and not word.startswith("--")
        if has_control(word) and not (is_command or is_statement or _is_there(word)):
            checked_name(word)


def refuse_in_variables(command: click.Command, variables: Mapping[str, str]) -> None:
    """Raise UsageError for control characters in a variable that an option reads."""
    for option in _options(command):
        names = [option.envvar] if isinstance(option.envvar, str) else option.envvar or ()
        for name in names:
            if option.name != NOTIFY and not _is_there(variables.get(name, "")):
                checked_name(variables.get(name, ""), what=f"{name}:")


def _options(command: click.Command) -> Iterator[click.Parameter]:
    """Yield the options of a command and of those below it."""
    yield from command.params
    if isinstance(command, click.Group):
        for each in command.commands.values():
            yield from _options(each)


def _is_there(word: str) -> bool:
    """Return whether an argument, or its part after the first ``=``, is an existing path."""
    try:
        return is_encodable(word) and any(map(os.path.lexists, (word, word.partition("=")[2])))
    except ValueError:  # a zero byte
        return False
