"""The manifest for Kubernetes: its commands exist, and its parts find each other.

It was held against the schema that dask's operator 2026 installs, in which nothing is unknown.
"""

from __future__ import annotations

from pathlib import Path

import click
import yaml

from bench.cli.main import command

MANIFEST = Path(__file__).parents[2] / "deploy" / "kubernetes" / "dask-cluster.yaml"


def test_workers_find_the_scheduler_and_share_a_volume() -> None:
    """By the name of its service; the command that they execute is one of bench."""
    manifest = yaml.safe_load(MANIFEST.read_text())
    assert (manifest["apiVersion"], manifest["kind"]) == ("kubernetes.dask.org/v1", "DaskCluster")
    name = manifest["metadata"]["name"]
    service = manifest["spec"]["scheduler"]["service"]
    assert service["selector"]["dask.org/cluster-name"] == name
    (worker,) = manifest["spec"]["worker"]["spec"]["containers"]
    program, subcommand, address = worker["args"]
    assert program == "bench"
    assert command.get_command(click.Context(command), subcommand) is not None
    assert address == f"tcp://{name}-scheduler:{service['ports'][0]['port']}"
    volumes = {one["name"] for one in manifest["spec"]["worker"]["spec"]["volumes"]}
    assert {one["name"] for one in worker["volumeMounts"]} == volumes
    assert worker["resources"]["requests"] == worker["resources"]["limits"]
