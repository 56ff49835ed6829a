"""The command line's root: commands in workflow order, each loaded when it is used."""

from __future__ import annotations

import difflib
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from bench import __version__
from bench.cli.shared.argv import without_empty
from bench.cli.shared.dotenv import load_dotenv
from bench.errors import EXIT_INTERRUPTED, BenchError, UsageError

HELP = frozenset({"-h", "--help", "--version"})
"""Options that need no current folder."""

COMMANDS = {
    "run": ("bench.cli.run", "Execute one setting over instances and record it in MLflow."),
    "sweep": (
        "bench.cli.sweep",
        "Execute settings x instances x seeds; the same command continues.",
    ),
    "plan": ("bench.cli.plan", "Say what a sweep would execute, and how long that may take."),
    "status": (
        "bench.cli.status",
        "Say how far a sweep has come, while it goes on or afterwards.",
    ),
    "show": ("bench.cli.show", "Show all that is known of a task, with a plot of its bounds."),
    "sync": (
        "bench.cli.sync",
        "Bring results from the journal to MLflow, each exactly once.",
    ),
    "ui": ("bench.cli.ui", "Show settings in MLflow's own pages, best first; Ctrl-C ends it."),
    "import": (
        "bench.cli.import_",
        "Import results of others: of SCIP's check scripts, PAVER, BenchExec, any CSV.",
    ),
    "compare": (
        "bench.cli.compare",
        "Compare settings: means, ratios with intervals, tests, on blocks that all settings have.",
    ),
    "statistics": (
        "bench.cli.statistics",
        "Describe settings one by one: count, sum, mean, median, deviations, extremes, quantiles.",
    ),
    "gate": (
        "bench.cli.gate",
        "Decide whether a candidate is no regression, by the interval of its ratio, not the point.",
    ),
    "register": (
        "bench.cli.register",
        "Register a setting as a version of a model, with the evidence of its comparison as tags.",
    ),
    "promote": (
        "bench.cli.promote",
        "Move an alias to a version of a model if a comparison says that it is better.",
    ),
    "serve": (
        "bench.cli.serve",
        "Serve a registered setting over HTTP; Ctrl-C ends it.",
    ),
    "export": (
        "bench.cli.export",
        "Write results as a table, best known values as .solu, instances as .test.",
    ),
    "plot": (
        "bench.cli.plot",
        "Draw a comparison: profile, cactus, scatter, ratios, or the bounds of an instance.",
    ),
    "report": (
        "bench.cli.report",
        "Write one page with verdict, tables, figures and logs that needs no server.",
    ),
    "selftest": (
        "bench.cli.selftest",
        "Compare one setting with itself, over and over: false alarms, power and noise floor.",
    ),
    "verify": (
        "bench.cli.verify",
        "Check a solution against an instance, in exact arithmetic.",
    ),
    "check": (
        "bench.cli.check",
        "Judge again all that was recorded, and say what has changed.",
    ),
    "db": (
        "bench.cli.db",
        "Read MLflow's database directly: tables, queries, runs, deleted runs.",
    ),
    "params": (
        "bench.cli.params",
        "List the parameters of a solver: name, type, range, default, description.",
    ),
    "instances": ("bench.cli.instances", "List, count, check and generate instances."),
    "doctor": ("bench.cli.doctor", "Say what this machine can measure, and what disturbs it."),
}
"""Name -> (module with ``command``, first line of its help), in workflow order."""


class Root(click.Group):
    """Knows its commands by name only, shows every error as one line, and sets the exit code."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in workflow order."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load one command."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(COMMANDS[cmd_name][0]).command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command, or say which one was probably meant."""
        if args[0] not in COMMANDS and not args[0].startswith("-"):
            near = difflib.get_close_matches(args[0], COMMANDS, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(COMMANDS)}"
            raise click.UsageError(f"no such command {args[0]!r}; {hint}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without loading them."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])

    def main(self, args: Sequence[str] | None = None, *_: Any, **extra: Any) -> Any:
        """Execute the command line and return the exit code."""
        given = without_empty(sys.argv[1:] if args is None else args)
        if reason := _no_current_folder():
            if given and HELP.isdisjoint(given):
                _complain(f"{reason}; change to another one (cd)")
                return UsageError.exit_code
        else:
            load_dotenv()
        try:
            code = super().main(given, **(extra | {"standalone_mode": False}))
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
        except BrokenPipeError:
            sys.stderr.close()
            return 1
        return code or 0


def _no_current_folder() -> str | None:
    """Return why there is no current folder to work in, or None if there is one."""
    try:
        Path.cwd()
    except FileNotFoundError:
        return "the current folder is gone"
    except OSError as error:
        return f"the current folder cannot be used: {error.strerror}"
    return None


def _try(error: click.UsageError) -> str:
    return f" (see `{error.ctx.command_path} -h`)" if error.ctx else ""


def _complain(message: str, hint: str = "") -> None:
    click.echo(f"Error: {' '.join(message.split())}{hint}", err=True)


@click.group(cls=Root, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, package_name="scip-bench", prog_name="bench")
def command() -> None:
    """Benchmark mixed-integer solvers: sweep, limit, verify, record in MLflow, compare.

    Every option can also be given as an environment variable BENCH_... or in a file .env.
    """
