"""The arguments of a command: as typed, and free instances and parameters."""

from __future__ import annotations

import difflib
import sys
from collections.abc import Collection, MutableMapping, Sequence
from typing import Any

import click
from click.core import ParameterSource

from bench.planning.settings import add_parameter
from bench.store.uri import mask

SEPARATOR = "--"
"""The word after which no option follows."""


def without_separator(arguments: Sequence[str]) -> list[str]:
    """Return the arguments without ``--``; words after it are files, e.g. ``./-x.mps``."""
    words = list(arguments)
    if SEPARATOR not in words:
        return words
    at = words.index(SEPARATOR)
    return words[:at] + [f"./{word}" if word[:1] == "-" else word for word in words[at + 1 :]]


def typed_arguments() -> tuple[str, ...]:
    """Return the user's command line as words, with credentials masked.

    It has no ``--``, so that options can be added to it.
    """
    return ("bench", *map(mask, without_separator(sys.argv[1:])))


def without_empty(arguments: Sequence[str]) -> list[str]:
    """Return the arguments without options whose value is empty, and without empty words.

    An MLflow project passes such options for parameters that the user did not set.
    """
    kept: list[str] = []
    for argument in arguments:
        if argument:
            kept.append(argument)
        elif kept and kept[-1].startswith("--"):
            kept.pop()
    return kept


def split(words: Sequence[str], context: click.Context) -> tuple[list[str], dict[str, str]]:
    """Return instances and parameters.

    ``--separating/maxrounds 0`` (or ``=0``) is a parameter: MLflow passes ``-P
    separating/maxrounds=0`` like this. Any other unknown option is a usage error with a hint.
    """
    instances: list[str] = []
    params: dict[str, str] = {}
    rest = iter(words)
    for word in rest:
        if word.startswith("--") and "/" in word:
            name, equals, value = word[2:].partition("=")
            if not equals:
                given = next(rest, None)
                if given is None:
                    raise click.UsageError(f"parameter {name} needs a value", context)
                value = given
            add_parameter(params, name, value)
        elif word.startswith("-") and word != "-":
            raise click.UsageError(_unknown(word, context), context)
        else:
            instances.append(word)
    return instances, params


def leave_out_variables(
    context: click.Context, values: MutableMapping[str, Any], parameters: Collection[str]
) -> None:
    """Set knobs from environment variables to None if they are also given as a parameter.

    The command line overrides environment variables, also with ``-p alpha=0.1``.
    """
    for name in values.keys() & set(parameters):
        if context.get_parameter_source(name) is ParameterSource.ENVIRONMENT:
            values[name] = None


def _unknown(word: str, context: click.Context) -> str:
    known = [name for param in context.command.params for name in param.opts if name[0] == "-"]
    near = difflib.get_close_matches(word.partition("=")[0], known, n=1)
    hint = f"; did you mean {near[0]}?" if near else ""
    if not word.startswith("--"):
        hint = "; write ./ before the name of a file that begins with a dash"
    return f"no such option {word}{hint}"
