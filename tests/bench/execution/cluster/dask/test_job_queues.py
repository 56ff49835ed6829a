"""The job scripts of queues, as dask-jobqueue writes them; only Slurm's was tried for real."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Any

import pytest

from bench.errors import UsageError
from bench.execution.cluster.dask import job_queues
from bench.model.instances.instance import Instance
from bench.model.limits import Limits
from bench.model.setting import Setting
from bench.model.task import Task

pytest.importorskip("dask_jobqueue", reason="the extra 'cluster' is not installed")
DIRECTIVES = {
    "slurm": ("#SBATCH --cpus-per-task=1", "#SBATCH --mem=2G", "#SBATCH -t 00:13:00"),
    "pbs": ("#PBS -l select=1:ncpus=1:mem=1600MB", "#PBS -l walltime=00:13:00"),
    "lsf": ("#BSUB -n 1", "#BSUB -W 00:13", "#BSUB -M "),
    "sge": ("#$ -l h_rt=00:13:00",),
    "htcondor": ("RequestCpus", "RequestMemory"),
}
MORE: dict[str, dict[str, Any]] = {"htcondor": {"disk": "1 GB"}}


def tasks(time_s: float | None = 60.0, memory_mib: float | None = 1000.0) -> list[Task]:
    """Return a task with these limits."""
    return [
        Task(
            instance=Instance(name="a", path=Path("/m/a.mps"), digest="0" * 64),
            setting=Setting(name="fake", solver="fake"),
            solver_version="1.0",
            limits=Limits(time_s=time_s, memory_mib=memory_mib, grace_s=1),
        )
    ]


@pytest.fixture
def script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return what writes the job script of a queue, without a scheduler and without a queue."""
    monkeypatch.setenv("DASK_CONFIG", str(tmp_path))

    def make(name: str, **options: Any) -> str:
        given, _ = job_queues.arguments(name, MORE.get(name, {}) | options, tasks(), tmp_path)
        job = getattr(job_queues._load(), job_queues.CLASSES[name]).job_cls
        scheduler_options = given.pop("scheduler_options")
        assert scheduler_options["dashboard_address"] is None
        return str(job(scheduler="tcp://10.0.0.1:1", name="w", **given).job_script())

    return make


@pytest.mark.parametrize("queue", sorted(DIRECTIVES))
def test_a_job_asks_for_what_the_tasks_need(script: Any, queue: str) -> None:
    """One core, memory, time; and it starts a worker without a nanny, with one thread."""
    text = script(queue)
    for directive in DIRECTIVES[queue]:
        assert directive in text, text
    assert "distributed.cli.dask_worker tcp://10.0.0.1:1" in text
    assert "--no-nanny" in text
    assert "--nthreads 1" in text
    assert "PYTHONPATH=" in text


def test_the_options_of_the_user_count(script: Any) -> None:
    """Beside what bench has to say itself."""
    text = script(
        "slurm",
        queue="long",
        walltime="02:00:00",
        memory="8GB",
        worker_extra_args=["--interface", "ib0"],
        job_script_prologue=["module load scip"],
        processes=4,
    )
    assert "#SBATCH -p long" in text
    assert "#SBATCH -t 02:00:00" in text
    assert "#SBATCH --mem=8G" in text
    assert "--interface ib0" in text
    assert "module load scip" in text
    assert "--nworkers 4" not in text


def test_a_wall_time_below_the_time_limit_is_refused(tmp_path: Path) -> None:
    """As for arrays."""
    with pytest.raises(UsageError, match="a wall time of 00:01:00 is too short"):
        job_queues.arguments("slurm", {"walltime": "00:01:00"}, tasks(), tmp_path)
    given, wall_s = job_queues.arguments("slurm", {}, tasks(time_s=None), tmp_path)
    assert given["walltime"] is None
    assert wall_s is None


@pytest.mark.filterwarnings(
    "ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning"
)
def test_an_unknown_queue_or_option_is_refused(tmp_path: Path) -> None:
    """With what there is, or with dask-jobqueue's own words."""
    with pytest.raises(UsageError, match=r"queue 'slrm': there are htcondor, lsf, .*slurm"):
        job_queues.check("slrm")
    given, _ = job_queues.arguments("slurm", {"partition": "long"}, tasks(), tmp_path)
    with pytest.raises(UsageError, match=r"queue slurm: .*partition.*; see --queue-options"):
        job_queues.make("slurm", given)


def test_ctrl_c_stays_that_of_the_command() -> None:
    """dask-jobqueue takes it while it is imported."""
    before = signal.getsignal(signal.SIGINT)
    job_queues._load()
    assert signal.getsignal(signal.SIGINT) is before
