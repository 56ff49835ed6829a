"""The rest of a pair is sent to nodes like the one that began it, as far as Slurm has them."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from bench.errors import BenchError
from bench.execution.cluster import array_element, slurm
from bench.execution.cluster.orders import TaskOrder
from bench.execution.cluster.slurm import Node
from bench.execution.cluster.slurm_array import SlurmArrayExecutor
from bench.execution.cluster.slurm_nodes import split_by_nodes
from bench.execution.cluster.spool import HostReport, SpoolWriter
from bench.execution.cluster_options import ClusterOptions
from bench.execution.pairs import Machine, pair_of
from bench.execution.protocol import ExecutorConfig
from bench.journal import provenance
from bench.model.instances.instance import Instance
from bench.model.results.process_stats import ProcessStats, Termination, Worker
from bench.model.results.result import Outcome
from bench.model.results.solver_output import SolverOutput
from bench.model.setting import Setting
from bench.model.task import Task
from tests.slurm import imitated_slurm

OLD, TWIN, NEW = Machine("a.site, x", "old"), Machine("b, x", "old"), Machine("c, y", "new")
UNNAMED = Machine("a, x", "")
SINFO = """\
a|main*|mixed|2|2:1:1|(null)
b|main*|down*|2|2:1:1|(null)
c|main*|idle~|2|2:1:1|gpu
a|all|mixed|2|2:1:1|(null)
d|all|idle|8|8:1:1|(null)
"""


def order(name: str, setting: str = "s") -> TaskOrder:
    """Return an order of an instance."""
    task = Task(
        instance=Instance(name=name, path=Path(name), digest=name * 64),
        setting=Setting(name=setting, solver="fake"),
        solver_version="1.0",
    )
    return TaskOrder(task=task)


def nodes(text: str) -> list[Node]:
    """Return nodes from words such as ``a:kind`` and ``-a:kind``; the latter cannot be used."""
    words = (word.lstrip("-").partition(":") for word in text.split())
    usable = (not word.startswith("-") for word in text.split())
    return [
        Node(name=name, kind=kind, is_usable=is_usable)
        for (name, _, kind), is_usable in zip(words, usable, strict=True)
    ]


@pytest.mark.parametrize(
    ("began", "others", "there", "excluded"),
    [
        (OLD, [], "a:1", ""),
        (OLD, [TWIN], "a:1 b:1", ""),
        (OLD, [TWIN, NEW], "a:1 b:1 c:2", "c"),
        (OLD, [TWIN, NEW], "-a:1 b:1 c:1", "c"),
        (OLD, [NEW], "a:1 c:2 d:1 e:2 f:3", "c,e,f"),
        (OLD, [NEW], "a:1 c:1 d:1", "c,d"),
        (OLD, [NEW], "-a:1 c:2", None),
        (OLD, [NEW], "c:2", None),
        (OLD, [], "", None),
        (UNNAMED, [NEW], "a:1 b:1 c:2", "c"),
    ],
)
def test_the_rest_of_a_pair_goes_to_nodes_like_the_one_that_began_it(
    began: Machine, others: list[Machine], there: str, excluded: str | None
) -> None:
    """Nodes without results count as those that Slurm describes alike."""
    begun = {pair_of(order(str(n)).task): one for n, one in enumerate([began, *others])}
    ((where, group, unmatched),) = split_by_nodes([order("0")], begun, nodes(there))
    assert where == ({"exclude": excluded} if excluded else {})
    assert group == [order("0")]
    assert unmatched == ((began,) if excluded is None else ())


def test_pairs_that_can_go_anywhere_stay_together() -> None:
    """Also if different nodes of one class began them."""
    orders = [order(name) for name in "0123"]
    begun = {pair_of(order("1").task): OLD, pair_of(order("2").task): TWIN}
    found = split_by_nodes(orders, begun, nodes("a:1 b:1"))
    assert [len(group) for _, group, _ in found] == [4]
    begun[pair_of(order("3").task)] = NEW
    found = split_by_nodes(orders, begun, nodes("a:1 b:1 c:1"))
    assert [where for where, _, _ in found] == [{}, {"exclude": "c"}, {"exclude": "a,b"}]
    assert [[one.task.instance.name for one in group] for _, group, _ in found] == [
        ["0"],
        ["1", "2"],
        ["3"],
    ]


@pytest.fixture
def queue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of an imitated Slurm that rejects all jobs."""
    folder = tmp_path / "queue"
    for name, value in imitated_slurm(folder).items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("SBATCH_PARTITION", raising=False)
    (folder / "nodes").write_text(SINFO)
    (folder / "sbatch.says").write_text("sbatch: error: no\nsbatch: error: not today\n")
    return folder


def test_nodes_are_those_of_the_partition(queue: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The given one, else the user's, else the default one; none if Slurm does not answer."""
    assert [(one.name, one.is_usable) for one in slurm.nodes("")] == [
        ("a", True),
        ("b", False),
        ("c", True),
    ]
    assert [one.name for one in slurm.nodes("all")] == ["a", "d"]
    assert [one.kind for one in slurm.nodes("all")] == ["2|2:1:1|(null)", "8|8:1:1|(null)"]
    monkeypatch.setenv("SBATCH_PARTITION", "all")
    assert [one.name for one in slurm.nodes("")] == ["a", "d"]
    (queue / "sinfo.says").write_text("sinfo: error: no answer")
    assert slurm.nodes("") == []


@pytest.mark.parametrize(
    ("options", "word", "warning"),
    [
        ({}, "--exclude=c", None),
        ({"partition": "all"}, "--exclude=d", None),
        ({"nodelist": "c"}, None, None),
        ({"partition": "none"}, None, "no usable node that is known to be like old"),
    ],
)
def test_an_array_is_kept_from_nodes_of_another_class(
    tmp_path: Path, queue: Path, options: dict[str, str], word: str | None, warning: str | None
) -> None:
    """If results of an earlier command show it; what cannot be avoided is said."""
    began = {pair_of(order("0").task): OLD, pair_of(order("1").task): NEW}
    said: list[str] = []
    executor = SlurmArrayExecutor(
        ExecutorConfig(
            folder=tmp_path / "work" / "tasks",
            begun=began,
            tell=said.append,
            cluster=ClusterOptions(queue_options=options),
        )
    )
    executor.submit([order("0", "other").task])
    with pytest.raises(BenchError, match=r"rejects the jobs: no; not today; see --queue-options"):
        list(executor.collect())
    calls = [json.loads(line) for line in (queue / "calls").read_text().splitlines()]
    (words,) = (call for call in calls if call[0] == "sbatch")
    assert [each for each in words if "exclude" in each] == ([word] if word else [])
    assert [line for line in said if "Warning" in line] == (
        [line for line in said if warning in line] if warning else []
    )
    assert bool(warning) == bool(said)


@pytest.mark.parametrize(("began", "n"), [("here", 2), ("elsewhere", 1)])
def test_a_job_that_is_executed_again_elsewhere_leaves_begun_pairs(
    tmp_path: Path, began: str, n: int
) -> None:
    """Slurm requeues jobs by itself, and may choose another class of node."""
    mine = Machine(provenance.machine(), provenance.machine_class())
    machine = {"here": mine, "elsewhere": Machine("node7, z", "z, 64 cores")}[began]
    done, rest, other = order("0"), order("0", "other"), order("1")
    stats = ProcessStats(
        termination=Termination.NORMAL,
        evidence="",
        started_at=1.0,
        wall_s=1.0,
        machine=machine.name,
        worker=Worker(machine_class=machine.machine_class),
    )
    outcome = Outcome(
        task=done.task, answer=SolverOutput(status="optimal"), execution=stats, folder=tmp_path
    )
    spool = SpoolWriter(tmp_path, "one")
    spool.add(HostReport.of(done, "node7", outcome))
    spool.close()
    left = array_element.own_pairs([replace(done), rest, other], tmp_path)
    assert [one for one in left if one != done] == [rest, other][2 - n :]
