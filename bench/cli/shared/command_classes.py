"""Classes of commands: one whose words are files, and a group that lists its commands in full."""

from __future__ import annotations

import click

from bench.cli.shared.argv import without_separator

_LONGEST = 1000


class FileCommand(click.Command):
    """A command whose free words are files; after ``--``, their names may begin with a dash."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the arguments, with the files after ``--`` as paths."""
        return super().parse_args(ctx, without_separator(args))


class ListingGroup(click.Group):
    """A group whose help has the whole first sentence of each command; click cuts them."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl(
                [
                    (name, command.get_short_help_str(_LONGEST))
                    for name, command in sorted(self.commands.items())
                    if not command.hidden
                ]
            )
