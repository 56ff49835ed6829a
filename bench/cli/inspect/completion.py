"""``bench completion``: a script that makes a shell complete commands, options and names."""

from __future__ import annotations

import click
from click.shell_completion import BashComplete, FishComplete, ZshComplete

SHELLS = {"bash": BashComplete, "zsh": ZshComplete, "fish": FishComplete}
VARIABLE = "_BENCH_COMPLETE"
"""The variable by which click recognises a request for completion."""


@click.command("completion", context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("shell", type=click.Choice(list(SHELLS)))
@click.pass_context
def command(context: click.Context, /, shell: str) -> None:
    """Print a shell script that completes commands, options and names.

    \b
    bash: add to ~/.bashrc                     eval "$(bench completion bash)"
    zsh:  add to ~/.zshrc                      eval "$(bench completion zsh)"
    fish: write to ~/.config/fish/completions/bench.fish
    """  # noqa: D301 - click keeps the lines after this character
    kind = SHELLS[shell]
    script = kind(context.find_root().command, {}, "bench", VARIABLE)
    click.echo(script.source_template % script.source_vars())
