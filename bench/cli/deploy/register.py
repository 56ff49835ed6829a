"""``bench register``: register a setting as a version of a model in MLflow's registry."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from bench.app.registry.register import Registered, RegisterOptions, register
from bench.cli.shared.next_step import show, store_option
from bench.cli.shared.number_types import FiniteFloatRange
from bench.cli.shared.options import json_option, option, tracking_options, work_dir_option
from bench.cli.shared.read_options import read_options
from bench.store.uri import mask


# options that select the setting have no environment variables: BENCH_SETTINGS_FILE is for runs
@click.command("register", context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("setting")
@click.option(
    "--from",
    "sweep",
    metavar="SWEEP",
    help="Name or folder of the sweep with this setting.  [default: the last used sweep]",
)
@click.option(
    "--settings-file",
    type=click.Path(path_type=Path),
    metavar="FILE.set",
    help="Register the parameters of this file under the name SETTING, without a comparison as "
    "evidence.",
)
@option("--model", required=True, metavar="NAME", help="Name of the model in the registry.")
@click.option("--solver", metavar="NAME", help="Solver of --settings-file.  [default: scip]")
@option(
    "--baseline",
    metavar="NAME",
    help="Compare with this setting.  [default: the baseline of the sweep]",
)
@option("--measure", default="solve", show_default=True, help="Measure to compare.")
@option(
    "--shift",
    type=FiniteFloatRange(min=0),
    metavar="S",
    help="Shift of the geometric mean.  [default: as for bench compare]",
)
@option("--clip", type=FiniteFloatRange(min=0), metavar="C", help="Raise smaller values to C.")
@tracking_options
@work_dir_option
@json_option
def command(*, as_json: bool, **values: Any) -> None:
    """Register a setting as a version of a model, tagged with its comparison.

    Each call creates a new version with the validation-status pending. bench promote gives an alias
    to a version that is better than the baseline.
    """
    made = register(read_options(RegisterOptions, values))
    if as_json:
        click.echo(json.dumps(_object(made), indent=2))
        return
    chosen = made.setting.setting
    click.echo(
        f"{made.model} version {made.version}: {chosen.name} of {chosen.solver} "
        f"{made.setting.solver_version}, pending"
    )
    if made.conclusion is None:
        click.echo("It has no comparison with a baseline.")
        return
    click.echo(made.conclusion.sentence)
    store = store_option(made.tracking_uri)
    show(
        "Give it an alias if it is better",
        "bench",
        "promote",
        made.model,
        str(made.version),
        *store,
    )


def _object(made: Registered) -> dict[str, Any]:
    return {
        "tracking_uri": mask(made.tracking_uri),
        "model": made.model,
        "version": made.version,
        "setting": made.setting.setting.name,
        "params": dict(made.setting.setting.params),
        "tags": dict(made.tags),
    }
