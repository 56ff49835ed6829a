"""The choice of Slurm's nodes for the rest of pairs: nodes like the one that began them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from bench.execution.cluster.begun_pairs import by_machine
from bench.execution.cluster.orders import TaskOrder
from bench.execution.cluster.slurm import Node
from bench.execution.pairs import Machine, Pair

CHOICES = frozenset({"nodelist", "nodefile", "exclude"})
"""Options of sbatch by which a user chooses nodes; bench then chooses none."""


def split_by_nodes(
    orders: Sequence[TaskOrder], begun: Mapping[Pair, Machine], nodes: Sequence[Node]
) -> list[tuple[dict[str, Any], list[TaskOrder], tuple[Machine, ...]]]:
    """Return orders by the options of sbatch that send them to suitable nodes.

    The machines are those that began pairs, but are like no node that can be used now.
    """
    machines = set(begun.values())
    groups: dict[str, tuple[list[TaskOrder], list[Machine]]] = {}
    for began, group in by_machine(orders, begun):
        excluded = _excluded(began, nodes, machines) if began is not None else ""
        found, unmatched = groups.setdefault(excluded or "", ([], []))
        found += group
        if began is not None and excluded is None:
            unmatched.append(began)
    return [
        ({"exclude": excluded} if excluded else {}, group, tuple(unmatched))
        for excluded, (group, unmatched) in groups.items()
    ]


def unlike_warning(began: Machine) -> str:
    """Return a warning that settings of a pair may be measured on different machines."""
    return (
        f"Warning: Slurm has no usable node that is known to be like {began.text}, which began "
        "some pairs: their other settings may be measured on another class of machine, and bench "
        "compare leaves such pairs out"
    )


def _excluded(began: Machine, nodes: Sequence[Node], machines: Collection[Machine]) -> str | None:
    """Return the nodes that must not execute the rest of a pair; None if no other can be used."""
    like = set(_like(began, nodes, machines))
    if not any(node.is_usable for node in like):
        return None
    return ",".join(sorted({node.name for node in nodes if node not in like}))


def _like(began: Machine, nodes: Sequence[Node], machines: Collection[Machine]) -> Iterator[Node]:
    """Yield the nodes whose machine is like the one that began a pair.

    A node that has no results yet is like those that Slurm describes in the same way.
    """
    known = {_host(machine.name): began.is_like(machine) for machine in machines}
    of_kind: dict[str, set[bool]] = {}
    for node in nodes:
        if _host(node.name) in known:
            of_kind.setdefault(node.kind, set()).add(known[_host(node.name)])
    for node in nodes:
        if known.get(_host(node.name), of_kind.get(node.kind) == {True}):
            yield node


def _host(name: str) -> str:
    """Return the name of a host without its domain and processor."""
    return name.partition(",")[0].partition(".")[0]
