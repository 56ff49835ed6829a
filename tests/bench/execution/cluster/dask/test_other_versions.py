"""A real worker with another bench than the submitter's is refused, by its address."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import bench
from bench.execution.cluster.dask.agent import AgentSetup
from bench.execution.cluster.dask.connection import connect
from bench.execution.cluster.dask.file_sender import FileSender
from bench.execution.cluster.dask.worker_pool import CampaignTerms, WorkerPool
from bench.execution.cluster.orders import HostOrders
from bench.execution.cluster_options import ClusterOptions
from bench.journal import provenance
from bench.model.plain_data import to_plain
from tests.dask_cluster import Cluster
from tests.waiting import until

pytest.importorskip("distributed", reason="the extra 'cluster' is not installed")


@pytest.mark.slow
def test_a_worker_with_another_bench_is_refused_by_its_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sentence says which bench it has, which one is needed, and what to do."""
    old = tmp_path / "old" / "bench"
    old.mkdir(parents=True)
    (old / "__init__.py").write_text(f"__version__ = '0.1.0'\n__path__ = {[*bench.__path__]!r}\n")
    monkeypatch.setenv("DASK_TEMPORARY_DIRECTORY", str(tmp_path))
    cluster = Cluster(tmp_path)
    try:
        with monkeypatch.context() as patched:
            patched.setenv("PYTHONPATH", str(old.parent))
            cluster.start_worker("--no-nanny", "--no-dashboard")
        options = ClusterOptions(scheduler=cluster.address)
        connection, _ = connect(options, [], 1, tmp_path)
        said: list[str] = []
        pool = WorkerPool(tmp_path, FileSender(tmp_path, tmp_path), None, said.append)
        orders = HostOrders(tasks_folder=tmp_path, exchange=tmp_path)
        setup = AgentSetup(orders=orders, solvers=(), bench_digest=provenance.source_digest())
        until(connection.workers)
        ((address, n_threads),) = connection.workers().items()
        terms = CampaignTerms(json.dumps(to_plain(setup)), [], "")
        assert not pool.accept(connection, address, n_threads, terms)
        connection.close()
    finally:
        cluster.end()
    assert said == [
        (
            f"Warning: worker {address} is not used: it has bench 0.1.0, not {bench.__version__}; "
            "install the same bench there, and start the worker again"
        )
    ]
