"""The job scripts of queues, as dask-jobqueue writes them; only Slurm's was tried for real."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

import pytest

from bench.errors import BenchError, UsageError
from bench.execution.cluster.dask import connection, job_queues
from bench.execution.cluster.dask.queue_state import QueueState
from bench.execution.cluster_options import ClusterOptions
from bench.model.instances.instance import Instance
from bench.model.limits import Limits
from bench.model.setting import Setting
from bench.model.task import Task

pytest.importorskip("dask_jobqueue", reason="the extra 'cluster' is not installed")
dask = pytest.importorskip("dask")
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
        assert scheduler_options["dashboard_address"] == "127.0.0.1:0"
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
    )
    assert "#SBATCH -p long" in text
    assert "#SBATCH -t 02:00:00" in text
    assert "#SBATCH --mem=8G" in text
    assert "--interface ib0" in text
    assert "module load scip" in text


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
    with pytest.raises(UsageError, match=r"unknown queue 'slrm'; known: htcondor, lsf, .*slurm"):
        job_queues.check("slrm")
    given, _ = job_queues.arguments("slurm", {"partition": "long"}, tasks(), tmp_path)
    with pytest.raises(UsageError, match=r"queue slurm: .*partition.*; see --queue-options"):
        job_queues.make("slurm", given)


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"job_extra_directives": "--mem=0"}, r"a list is needed, .*: \['--mem=0'\]"),
        ({"worker_extra_args": "--no-bokeh"}, "a list is needed"),
        ({"job_script_prologue": "module load scip"}, "a list is needed"),
        ({"scheduler_options": 3}, "options by their names are needed"),
        ({"processes": 2}, "'processes': bench sets it itself"),
        ({"n_workers": 3}, "'n_workers': bench sets it itself"),
        ({"walltime": 7200}, r"queue option walltime: 7200: write it in quotes"),
    ],
)
def test_options_of_another_form_are_refused(
    tmp_path: Path, options: dict[str, Any], why: str
) -> None:
    """dask-jobqueue would read a text letter by letter, and bench would ignore others."""
    with pytest.raises(UsageError, match=why):
        job_queues.arguments("slurm", options, tasks(), tmp_path)


@pytest.mark.filterwarnings(
    "ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning"
)
@pytest.mark.parametrize("options", [{"memory": ["2 GB"]}, {"interface": "none0"}])
def test_what_dask_jobqueue_cannot_read_is_one_line(
    tmp_path: Path, options: dict[str, Any]
) -> None:
    """Whatever it raises."""
    given, _ = job_queues.arguments("slurm", options, tasks(), tmp_path)
    with pytest.raises(UsageError, match=r"queue slurm: .*; see --queue-options"):
        job_queues.make("slurm", given)


class EndedJobs:
    """A cluster whose jobs end at once."""

    def __init__(self) -> None:
        """Begin without jobs."""
        self.workers: dict[str, object] = {}
        self.worker_spec: dict[str, object] = {}
        self.n_requests = 0

    def new_worker_spec(self) -> dict[str, object]:
        """Count a request."""
        self.n_requests += 1
        return {}

    def sync(self, _: object) -> None:
        """Submit."""

    _correct_state = None


def test_jobs_that_end_before_a_worker_starts_are_not_requested_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each time later than before, and at last the last words of a job are quoted."""
    (tmp_path / "log").write_text("/no/python: No such file or directory\n")
    state = QueueState(said="no job", n_jobs=0, last_words="/no/python: No such file or directory")
    monkeypatch.setattr(connection, "queue_state", lambda *_: state)
    now = [0.0]
    monkeypatch.setattr(f"{connection.__name__}.time.monotonic", lambda: now[0])
    jobs = EndedJobs()
    one = connection.Connection(None, ClusterOptions(queue="slurm"), jobs, tmp_path)
    assert one.keep_jobs(0, 1) == one.keep_jobs(0, 1) == ""
    assert jobs.n_requests == 1
    one.worker_joined()
    with pytest.raises(BenchError, match=r"of slurm end before a worker starts .*: /no/python"):
        _keep_requesting(one, now)
    assert jobs.n_requests == 1 + connection.MOST_STILLBORN
    assert one.keep_jobs(1, 2) == ""


def _keep_requesting(one: connection.Connection, now: list[float]) -> None:
    for now[0] in range(1000):
        one.keep_jobs(0, 1)


def test_ctrl_c_stays_that_of_the_command() -> None:
    """dask-jobqueue takes it while it is imported."""
    before = signal.getsignal(signal.SIGINT)
    job_queues._load()
    assert signal.getsignal(signal.SIGINT) is before


@pytest.mark.slow
def test_a_queue_that_rejects_jobs_is_quoted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """In one line, at once; nothing else is printed, and the next request starts afresh."""
    script = tmp_path / "sbatch"
    script.write_text(
        "#!/bin/sh\nprintf 'sbatch: error: no such partition\\nfailed\\n' >&2\nexit 1\n"
    )
    script.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    given, _ = job_queues.arguments("slurm", {"interface": "lo"}, tasks(), tmp_path / "logs")
    dask.config.set({"temporary-directory": str(tmp_path)})
    cluster = job_queues.make("slurm", given)
    try:
        for _ in range(2):
            with pytest.raises(BenchError, match="jobs: sbatch: error: no such partition; failed;"):
                job_queues.request(cluster, 2)
            assert not cluster.workers
            assert not cluster.worker_spec
    finally:
        cluster.close()
        dask.config.refresh()
    assert capfd.readouterr().err == ""
