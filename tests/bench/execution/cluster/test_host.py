"""A host executes orders as the local executor would, each once, and refuses what it must not."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from bench.execution.cluster import claims, host_cores, reference_solve
from bench.execution.cluster.host import Host, job_name, memory_of_job_mib
from bench.execution.cluster.host_cores import lease_cores
from bench.execution.cluster.orders import HostOrders, TaskOrder
from bench.execution.cluster.spool import SpoolWriter
from bench.execution.host import machine
from bench.execution.host.leases import CoreLeases, lease_folder, this_process
from bench.execution.host.topology import read
from bench.model.instances.instance import Instance
from bench.model.limits import Limits
from bench.model.results.process_stats import Termination
from bench.model.setting import Setting
from bench.model.task import Task

pytestmark = pytest.mark.usefixtures("fork_server")


@pytest.fixture(autouse=True)
def _own_leases(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BENCH_LEASE_FOLDER", str(tmp_path / "leases"))


@pytest.fixture
def orders(tmp_path: Path) -> HostOrders:
    """Return what holds for all tasks."""
    return HostOrders(tasks_folder=tmp_path / "tasks", exchange=tmp_path / "cluster")


@pytest.fixture
def order(knapsack: Path) -> TaskOrder:
    """Return an order of the fake solver."""
    task = Task(
        instance=Instance(name="knapsack", path=knapsack, digest="0" * 64),
        setting=Setting(name="fake", solver="fake", params={}),
        solver_version="1.0",
        limits=Limits(time_s=60, memory_mib=100, grace_s=1),
    )
    return TaskOrder(task=task)


def test_an_order_is_executed_on_a_core_of_its_own(orders: HostOrders, order: TaskOrder) -> None:
    """What comes out says on which machine that was."""
    made = Host(orders, ["fake"], "job 1")
    found = made.execute(order)
    assert found.executed is not None
    outcome = found.executed.outcome(order)
    assert outcome.answer.primal_bound == 42
    assert outcome.execution.termination is Termination.NORMAL
    assert len(outcome.execution.cores) >= 1
    assert (outcome.execution.machine or "").startswith(f"{made.name}, ")
    worker = outcome.execution.worker
    assert worker.name == f"job 1 on {made.name}"
    assert worker.machine_class
    assert 0.01 < (worker.reference_s or 0) < 10
    assert (worker.reference_spread or -1) >= 0
    assert (worker.reference_solver or "").startswith("highs ")
    assert outcome.folder.parent == orders.tasks_folder
    assert outcome.verification is not None


@pytest.mark.parametrize("amiss", ["solver", "disk"])
def test_a_worker_that_cannot_solve_the_reference_problem_works_all_the_same(
    orders: HostOrders, order: TaskOrder, monkeypatch: pytest.MonkeyPatch, amiss: str
) -> None:
    """It is only not known how fast it is."""
    if amiss == "solver":
        monkeypatch.setattr(reference_solve, "SOLVER", "scip@0.1")
    else:
        monkeypatch.setattr("tempfile.tempdir", "/nowhere")
    found = Host(orders, ["fake"], "job 1").execute(order)
    assert found.executed is not None
    assert found.executed.execution.worker.name
    assert found.executed.execution.worker.reference_s is None


def test_the_second_execution_of_an_attempt_has_a_folder_of_its_own(
    orders: HostOrders, order: TaskOrder
) -> None:
    """The first worker may still write to the other one."""
    claims.claim(orders.exchange, order, "a worker that died")
    found = Host(orders, ["fake"], "job 1").execute(order)
    assert found.executed is not None
    assert "execution2" in found.executed.folder.name


def test_a_task_at_which_two_workers_died_is_lost(orders: HostOrders, order: TaskOrder) -> None:
    """It is not executed a third time."""
    for _ in range(2):
        claims.claim(orders.exchange, order, "a worker that died")
    found = Host(orders, ["fake"], "job 1").execute(order)
    assert (found.executed, found.lost) == (None, "worker died twice")


def test_a_worker_that_died_after_its_report_is_no_reason_to_execute_again(
    orders: HostOrders, order: TaskOrder
) -> None:
    """The report is on the shared folder."""
    made = Host(orders, ["fake"], "job 1")
    first = made.execute(order)
    spool = SpoolWriter(orders.exchange, "first")
    spool.add(first)
    spool.close()
    again = made.execute(order)
    assert repr(again) == repr(first)
    assert claims.count(orders.exchange, order) == 1


@pytest.mark.parametrize("place", ["exchange", "tasks_folder"])
def test_what_the_machine_lacks_is_no_end_of_the_order(
    orders: HostOrders,
    order: TaskOrder,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    place: str,
) -> None:
    """Another machine may have it: nothing is claimed, and the machine is named."""
    monkeypatch.setattr("bench.execution.process.machine.PAUSES_S", ())
    (tmp_path / "a file").touch()
    nowhere = tmp_path / "a file" / "folder"
    if place == "exchange":
        orders = replace(orders, exchange=nowhere)
    else:
        orders = replace(orders, tasks_folder=nowhere)
    made = Host(orders, ["fake"], "job 1")
    found = made.execute(order)
    assert (found.executed, found.lost) == (None, None)
    assert (found.fault or "").startswith(f"{made.name}: ")
    assert "Not a directory" in (found.fault or "")
    assert claims.count(orders.exchange, order) == 0


def test_another_version_is_refused_by_name(orders: HostOrders, order: TaskOrder) -> None:
    """Of bench, and of the solver; a solver that is not here as well."""
    old = replace(orders, bench_version="0.0.1")
    assert "has bench " in (Host(old, [], "job").execute(order).lost or "")
    made = Host(orders, [], "job")
    other = replace(order, task=replace(order.task, solver_version="2.0"))
    assert (made.execute(other).lost or "").endswith(
        "has fake 1.0, but the campaign was planned with 2.0"
    )
    absent = replace(order.task, setting=replace(order.task.setting, solver="scip@0.1"))
    assert "scip@0.1" in (made.execute(replace(order, task=absent)).lost or "")
    assert not claims.begun(orders.exchange)


def test_an_instance_that_is_not_seen_is_refused(orders: HostOrders, order: TaskOrder) -> None:
    """The folder is not shared."""
    instance = replace(order.task.instance, path=Path("/nowhere/a.mps"))
    found = Host(orders, [], "job").execute(
        replace(order, task=replace(order.task, instance=instance))
    )
    assert "cannot see /nowhere/a.mps" in (found.lost or "")


def test_a_memory_limit_above_that_of_the_job_is_refused(
    orders: HostOrders, order: TaskOrder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With both numbers."""
    monkeypatch.setattr(machine, "allowed_mib", lambda: None)
    monkeypatch.setenv("SLURM_MEM_PER_NODE", "400")
    found = Host(orders, [], "job").execute(order)
    assert found.lost == "its job has 400 MiB, but a memory limit of 100 MiB needs 610"
    monkeypatch.delenv("SLURM_MEM_PER_NODE")
    monkeypatch.setenv("SLURM_MEM_PER_CPU", "500")
    monkeypatch.setenv("SLURM_CPUS_ON_NODE", "2")
    assert memory_of_job_mib() == 1000
    monkeypatch.delenv("SLURM_MEM_PER_CPU")
    assert memory_of_job_mib() is None


def test_more_threads_than_the_job_has_cores_are_refused(
    orders: HostOrders, order: TaskOrder
) -> None:
    """As on the machine of the submitter; fewer get a core each."""
    limits = replace(order.task.limits, threads=4096)
    many = replace(order, task=replace(order.task, limits=limits))
    assert "too few for 4096 threads" in (Host(orders, [], "job").execute(many).lost or "")
    if len(read().cores) > 1:
        assert len(lease_cores("job", 2).cpus) >= 2


def test_a_core_is_shared_only_after_a_while_and_that_is_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Two hosts on one machine take different cores as long as there are any."""
    monkeypatch.setattr(host_cores, "POLL_S", 0.01)
    everything = CoreLeases(lease_folder(), this_process("sweep mine"))
    everything.lease(read().cores, 1000)
    found = lease_cores("job 1", patience_s=0.05)
    assert found.amiss.startswith("its core was shared with sweep mine")
    everything.release()
    assert lease_cores("job 1").amiss == ""


@pytest.mark.parametrize(
    ("variables", "name"),
    [
        ({"SLURM_JOB_ID": "8"}, "Slurm job 8"),
        (
            {"SLURM_JOB_ID": "9", "SLURM_ARRAY_JOB_ID": "8", "SLURM_ARRAY_TASK_ID": "0"},
            "Slurm job 8_0",
        ),
        ({"PBS_JOBID": "7.server"}, "PBS job 7.server"),
        ({}, "process {pid}"),
    ],
)
def test_a_worker_is_named_as_its_queue_names_the_job(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], name: str
) -> None:
    """An element of an array by the number of the array, as for scancel."""
    for each in ("SLURM_JOB_ID", "SLURM_ARRAY_JOB_ID", "PBS_JOBID", "LSB_JOBID", "JOB_ID"):
        monkeypatch.delenv(each, raising=False)
    for each, value in variables.items():
        monkeypatch.setenv(each, value)
    assert job_name() == name.format(pid=os.getpid())
