"""The root of the command line: its commands by section, each loaded on use."""

from __future__ import annotations

import difflib
import errno
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from keyword import iskeyword
from pathlib import Path
from typing import Any

import click
from click.shell_completion import CompletionItem

from bench import __version__
from bench.cli.shared.argv import without_empty
from bench.cli.shared.control_characters import refuse_control_characters, refuse_in_variables
from bench.cli.shared.dotenv import LoadedDotenv, load_dotenv
from bench.cli.shared.early_start import start_early
from bench.cli.shared.renamed_options import rename_variables, with_new_names
from bench.errors import EXIT_INTERRUPTED, BenchError, UsageError
from bench.model.printable import escaped, is_encodable
from bench.report.terminal.screen import screen_of, written_for

HELP = frozenset({"-h", "--help", "--version"})
"""Options that need no current folder."""

NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
"""System errors of a file that cannot grow, e.g. the one that stdout writes to."""

COMMANDS = {
    "execute": {
        "run": "Execute one setting over instances and record it in MLflow.",
        "sweep": "Execute settings x instances x seeds; the same command resumes an interrupted "
        "sweep.",
        "plan": "Show what a sweep would execute, and how long that may take.",
        "tune": "Find a better setting, and test it on instances that the search has not used.",
        "ls": "List runs, sweeps and imports, the last used one first.",
        "status": "Show how far a sweep has come.",
        "resume": "Resume an interrupted run or sweep by executing its original command again.",
        "worker": "Execute tasks of sweeps on this machine, until the scheduler ends.",
        "sync": "Upload the results in journals to MLflow, each exactly once.",
        "import": "Import results of SCIP's check scripts, PAVER, BenchExec or any CSV.",
    },
    "analyse": {
        "show": "Show everything recorded of one task, with a plot of its bounds.",
        "log": "Print the solver's log of a task, also while the task is running.",
        "compare": "Compare settings on the same instances and seeds, with intervals and tests.",
        "statistics": "Describe each setting by itself: count, sum, mean, median, quantiles.",
        "gate": "Fail if the confidence interval shows that a candidate is a regression.",
        "history": "Compare the versions of a solver in order, and mark significant steps.",
        "select": "Choose a setting by instance: find out whether that helps, and do it.",
        "selftest": "Compare one setting with itself: false alarms, power and noise floor.",
        "export": "Write results as a table, best known values as .solu, instances as .test.",
        "plot": "Draw profile, cactus, scatter, ratios, bounds of an instance, or all of them.",
        "report": "Write a self-contained HTML page with conclusion, tables, figures and logs.",
        "ui": "Open MLflow's web interface, with the best settings first.",
    },
    "deploy": {
        "register": "Register a setting as a version of a model, tagged with its comparison.",
        "promote": "Move an alias to a model version if the comparison shows that it is better.",
        "serve": "Serve a registered setting over HTTP.",
    },
    "inspect": {
        "solvers": "List, add, check and remove solvers and further versions of them.",
        "instances": "List, count, check, download and generate instances.",
        "params": "List the parameters of a solver: name, type, range, default, description.",
        "verify": "Check a solution against an instance, in exact arithmetic.",
        "check": "Judge all recorded results again, and show changed verdicts.",
        "db": "Read MLflow's database directly: tables, queries, runs, deleted runs.",
        "clean": "List the folders of old runs, and delete them with --yes.",
        "config": "Show the value of each option, and where it comes from.",
        "completion": "Print a shell script that completes commands, options and names.",
        "doctor": "Show what this machine can measure, and what disturbs measurements.",
    },
}
"""Section of `bench.cli` -> its commands, with the first line of their help."""

MODULES = {
    name: f"bench.cli.{room}.{name}_" if iskeyword(name) else f"bench.cli.{room}.{name}"
    for room, commands in COMMANDS.items()
    for name in commands
}
"""Name of a command -> the module with ``command``."""


class Root(click.Group):
    """Knows its commands by name only, shows every error as one line, and sets the exit code."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names, section by section."""
        del ctx
        return list(MODULES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load one command."""
        del ctx
        if cmd_name not in MODULES:
            return None
        command: click.Command = import_module(MODULES[cmd_name]).command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command, or suggest the one that was probably meant."""
        if args[0] not in MODULES and not args[0].startswith("-"):
            near = difflib.get_close_matches(args[0], MODULES, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(MODULES)}"
            raise click.UsageError(f"no such command {args[0]!r}; {hint}", ctx)
        if not ctx.resilient_parsing:
            refuse_control_characters(args)
            start_early(args[0], args[1:])
        name, command, rest = super().resolve_command(ctx, args)
        if not ctx.resilient_parsing and command is not None:
            refuse_in_variables(command, os.environ)
        return name, command, rest

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Complete a command without loading any."""
        del ctx
        return [
            CompletionItem(name, help=text)
            for commands in COMMANDS.values()
            for name, text in commands.items()
            if name.startswith(incomplete)
        ]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands by section, without loading them."""
        del ctx
        for room, commands in COMMANDS.items():
            with formatter.section(room.capitalize()):
                formatter.write_dl(list(commands.items()))

    def main(self, args: Sequence[str] | None = None, *_: Any, **extra: Any) -> Any:
        """Execute the command line and return the exit code."""
        given, notices = with_new_names(without_empty(sys.argv[1:] if args is None else args))
        loaded, obstacle = _surroundings()
        notices += rename_variables(given[0], os.environ) if given else []
        for notice in notices:
            click.echo(notice, err=True)
        if obstacle and given and HELP.isdisjoint(given):
            _complain(obstacle)
            return UsageError.exit_code
        try:
            ours = {"prog_name": "bench", "standalone_mode": False, "obj": loaded}
            with written_for(screen_of(sys.stdout)):
                code = super().main(given, **(extra | ours))
        except click.exceptions.NoArgsIsHelpError as error:
            click.echo(error.format_message())
            return 0
        except click.UsageError as error:
            _complain(error.format_message(), _try(error))
            return error.exit_code
        except click.ClickException as error:
            _complain(error.format_message())
            return error.exit_code
        except BenchError as error:
            _complain(str(error))
            return error.exit_code
        except (KeyboardInterrupt, click.Abort):
            _complain("interrupted")
            return EXIT_INTERRUPTED
        except OSError as error:
            return _unwritten(error)
        return code or 0


def _unwritten(error: OSError) -> int:
    """Return the exit code of a command that could not write its output; raise other errors."""
    if isinstance(error, BrokenPipeError):
        sys.stderr.close()
    elif error.errno in NO_ROOM:
        _complain(f"{error.filename or 'the output'}: cannot be written: {error.strerror}")
    else:
        raise error
    return 1


def _surroundings() -> tuple[LoadedDotenv | None, str]:
    """Return the loaded ``.env``, and why no command can work here, empty if it can."""
    if reason := _no_current_folder():
        return None, f"{reason}; change to another one (cd)"
    try:
        return load_dotenv(), ""
    except UsageError as error:
        return None, str(error)


def _no_current_folder() -> str | None:
    """Return why there is no current folder to work in, or None if there is one."""
    try:
        if not is_encodable(str(Path.cwd())):
            return "the name of the current folder is not in UTF-8, which no solver can use"
    except FileNotFoundError:
        return "the current folder no longer exists"
    except OSError as error:
        return f"the current folder cannot be used: {error.strerror}"
    return None


def _try(error: click.UsageError) -> str:
    return f" (see `{error.ctx.command_path} -h`)" if error.ctx else ""


def _complain(message: str, hint: str = "") -> None:
    click.echo(f"Error: {escaped(' '.join(message.split()))}{hint}", err=True)


@click.group(cls=Root, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, package_name="scip-bench", prog_name="bench")
def command() -> None:
    """Benchmark mixed-integer solvers: sweep, limit, verify, record in MLflow, compare.

    Every option can also be given as an environment variable BENCH_... or in a file .env.
    """
