"""``bench config``: the value of each option, and where it comes from."""

from __future__ import annotations

import difflib
import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import click

from bench.cli.shared.dotenv import LoadedDotenv
from bench.cli.shared.options import complain, json_option
from bench.errors import UsageError
from bench.report.terminal.table import render_fitting, shortened
from bench.store.uri import MASKED, mask

WIDTH = 36
"""The length of a value that is shown; --json prints all of it."""
DEFAULT, ENVIRONMENT = "default", "environment"
DIFFERS = "differs by command"
"""The text for an option whose default differs between commands."""
FURTHER = {
    "MLFLOW_EXPERIMENT_ID": "id of the experiment",
    "MLFLOW_TRACKING_USERNAME": "user name at a server",
    "MLFLOW_TRACKING_PASSWORD": "password at a server",
    "MLFLOW_TRACKING_TOKEN": "token at a server",
    "BENCH_LEASE_FOLDER": "folder where cores are leased",
    "NO_COLOR": "no colours",
}
"""Variables that are not options, with their meaning."""
SECRET = frozenset({"MLFLOW_TRACKING_PASSWORD", "MLFLOW_TRACKING_TOKEN"})
_IN_HELP = re.compile(r"\[default: (.*?)\]")


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigValue:
    """An option with its value, the source of the value, and its variable."""

    option: str
    value: str
    origin: str
    variable: str
    commands: tuple[str, ...] = ()


@click.command("config", context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("name", required=False, metavar="[COMMAND]")
@click.option(
    "--set", "only_set", is_flag=True, help="Show only options that differ from their default."
)
@json_option
@click.pass_context
def command(context: click.Context, /, name: str | None, *, only_set: bool, as_json: bool) -> None:
    """Show the value of each option, and where it comes from.

    A value comes from the default, an environment variable, or a file .env in this folder or a
    parent folder. Without COMMAND, the options of all commands are shown. Options on the command
    line override all of these.
    """
    loaded = context.obj or LoadedDotenv(None, {})
    found = [*_options(context, name, loaded), *_further(loaded)]
    if only_set:
        found = [one for one in found if one.origin != DEFAULT]
    if as_json:
        click.echo(json.dumps([asdict(one) for one in found], indent=2))
    else:
        click.echo(_table(found) if found else "Nothing is set: all options have their defaults.")
        complain([f".env: {loaded.path or 'none here or in a parent folder'}"])
    complain(_unknown(_variables(context)))


def _table(found: Sequence[ConfigValue]) -> str:
    rows = [[one.option, shortened(one.value, WIDTH), one.origin, one.variable] for one in found]
    return render_fitting(
        ("option", "value", "from", "variable"),
        rows,
        left=4,
        dispensable=("variable",),
        least_name=max(len(one.option) for one in found),
    )


def _options(
    context: click.Context, name: str | None, loaded: LoadedDotenv
) -> Iterator[ConfigValue]:
    """Yield the options with a variable, each once."""
    root = context.find_root().command
    names = root.list_commands(context) if isinstance(root, click.Group) else []
    if name is not None and name not in names:
        near = difflib.get_close_matches(name, names, n=1)
        raise UsageError(
            f"no such command {name!r}" + (f"; did you mean {near[0]!r}?" if near else "")
        )
    merged: dict[str, ConfigValue] = {}
    for each in [name] if name else names:
        for parameter in _parameters(context, each):
            value = _value(parameter, loaded)
            known = merged.get(value.option)
            commands = (*(known.commands if known else ()), each)
            differs = known is not None and known.value != value.value
            shown = DIFFERS if differs else value.value
            merged[value.option] = replace(value, value=shown, commands=commands)
    yield from (merged[option] for option in sorted(merged))


def _parameters(context: click.Context, name: str) -> Iterator[click.Option]:
    """Yield the options with a variable of a command and of its subcommands."""
    root: Any = context.find_root().command
    waiting = [root.get_command(context, name)]
    while waiting:
        one = waiting.pop()
        if isinstance(one, click.Group):
            waiting += one.commands.values()
        yield from (each for each in one.params if isinstance(each, click.Option) and each.envvar)


def _names(parameter: click.Option) -> list[str]:
    variables = parameter.envvar or ()
    return [variables] if isinstance(variables, str) else list(variables)


def _value(parameter: click.Option, loaded: LoadedDotenv) -> ConfigValue:
    option = max(parameter.opts, key=len)
    names = _names(parameter)
    for variable in names:
        if text := os.environ.get(variable):
            return ConfigValue(
                option=option,
                value=mask(text),
                origin=_origin(variable, loaded),
                variable=variable,
            )
    return ConfigValue(option=option, value=_default(parameter), origin=DEFAULT, variable=names[0])


def _default(parameter: click.Option) -> str:
    """Return the default as in the help; a dash if there is none."""
    told = _IN_HELP.search(parameter.help or "")
    if told:
        return told[1]
    value = parameter.default
    if isinstance(value, bool) or parameter.is_flag:
        return "yes" if value is True else "no"
    if value is None or value == () or not isinstance(value, str | int | float | os.PathLike):
        return "-"
    return str(value)


def _further(loaded: LoadedDotenv) -> Iterator[ConfigValue]:
    for variable, meaning in FURTHER.items():
        if text := os.environ.get(variable):
            value = MASKED if variable in SECRET else mask(text)
            yield ConfigValue(
                option=f"({meaning})",
                value=value,
                origin=_origin(variable, loaded),
                variable=variable,
            )


def _origin(variable: str, loaded: LoadedDotenv) -> str:
    is_from_file = loaded.values.get(variable) == os.environ.get(variable)
    return str(loaded.path) if variable in loaded.values and is_from_file else ENVIRONMENT


def _variables(context: click.Context) -> frozenset[str]:
    root: Any = context.find_root().command
    names = root.list_commands(context)
    parameters = (each for name in names for each in _parameters(context, name))
    return frozenset(variable for each in parameters for variable in _names(each)) | {*FURTHER}


def _unknown(known: Iterable[str], environment: Mapping[str, str] = os.environ) -> Iterator[str]:
    """Yield a line for each variable of bench that no option reads."""
    known = sorted(known)
    for name in sorted(environment):
        if name.startswith("BENCH_") and name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f"; did you mean {near[0]}?" if near else ""
            yield f"Warning: {name} is set, and no option reads it{hint}"
