"""Who executes the tasks of a sweep, as its file says."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from bench.app.campaign.execution_config import ExecutionConfig, execution_config_of
from bench.app.options import ExecutionOptions
from bench.errors import UsageError
from bench.execution import registry
from bench.execution.cluster_options import Files, OnInterrupt
from bench.planning import declared_executor
from bench.planning.sweep_file import from_yaml

CLUSTER = """
executor: dask
queue: slurm
workers: 40
on_interrupt: cancel
files: send
queue_options:
  queue: long
  walltime: 02:00:00
  cores: 2
  job_extra_directives: [--exclusive, --nice=5]
  shebang: 'no'
"""


def config(content: str, **options: object) -> ExecutionConfig:
    """Return how tasks are executed by a sweep file, and options beside it."""
    said = from_yaml(f"instances: a.mps\n{content}", Path("/s/study.yaml"))
    given = ExecutionOptions(**options)  # type: ignore[arg-type]
    return execution_config_of(given, threads=1, jobs=None, record=None, declared=said.execution)


def test_every_key_is_an_option() -> None:
    """By the same name."""
    assert set(declared_executor.NAMES) <= {each.name for each in fields(ExecutionOptions)}


def test_a_sweep_file_says_who_executes() -> None:
    """As the command line does; numbers are numbers, and a time is a text."""
    found = config(CLUSTER)
    assert found.executor == registry.DASK
    assert found.cluster.workers == 40
    assert found.cluster.queue == "slurm"
    assert found.cluster.on_interrupt is OnInterrupt.CANCEL
    assert found.cluster.files is Files.SEND
    assert found.cluster.queue_options == {
        "queue": "long",
        "walltime": "02:00:00",
        "cores": 2,
        "job_extra_directives": ["--exclusive", "--nice=5"],
        "shebang": False,
    }


def test_the_command_line_counts_before_the_file() -> None:
    """Another executor has no use for what the file says of its own."""
    found = config(CLUSTER, workers=2, on_interrupt="detach", queue_options={"cores": 1})
    assert (found.cluster.workers, found.cluster.on_interrupt) == (2, OnInterrupt.DETACH)
    assert found.cluster.queue_options == {"cores": 1}
    assert found.cluster.queue == "slurm"
    local = config(CLUSTER, executor="local")
    assert local.executor == registry.LOCAL
    assert local.cluster.workers is None
    assert config("").executor == registry.LOCAL


def test_options_of_the_queue_may_be_a_file(tmp_path: Path) -> None:
    """Beside the sweep file."""
    (tmp_path / "site.yaml").write_text("partition: long\n")
    text = "instances: a.mps\nexecutor: slurm-array\nqueue_options: site.yaml\n"
    said = from_yaml(text, tmp_path / "study.yaml")
    found = execution_config_of(
        ExecutionOptions(), threads=1, jobs=None, record=None, declared=said.execution
    )
    assert found.cluster.queue_options == {"partition": "long"}


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("executor: dusk", "unknown executor 'dusk'; did you mean 'dask'"),
        ("executor: dask\nworkers: 0", "workers: .*1"),
        ("executor: dask\nfiles: sent", "unknown value 'sent' of files; known: shared, send"),
        (
            "executor: dask\non_interrupt: stop",
            "unknown value 'stop' of on_interrupt; known: detach",
        ),
        ("executor: dask\nqueue_options: []", "queue_options: give a file, or options"),
        ("workers: 3", "--workers, .* are for executors of clusters"),
        ("executer: dask", "unknown key 'executer'; did you mean 'executor'"),
    ],
)
def test_what_a_file_cannot_say_is_one_line(content: str, why: str) -> None:
    """With what would do."""
    with pytest.raises(UsageError, match=why):
        config(content)
