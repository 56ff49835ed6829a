"""Knowing whether a process lives."""

from __future__ import annotations

import subprocess
import sys

import pytest

from bench.tracking.writer_process import host, is_dead, this_process


def test_this_process_lives() -> None:
    """Its name is host, process id and start."""
    assert this_process().startswith(f"{host()} ")
    assert not is_dead(this_process())


def test_a_process_that_has_ended_is_dead() -> None:
    """It left a run behind."""
    code = "from bench.tracking.writer_process import this_process; print(this_process())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert is_dead(done.stdout.strip())


def test_a_process_id_that_was_given_away_is_dead() -> None:
    """Somebody has it, but not the one that wrote."""
    where, pid, created = this_process().split()
    assert is_dead(f"{where} {pid} {float(created) - 60}")


@pytest.mark.parametrize("writer", ["", "elsewhere 1 2.0", "{host} x 2.0", "{host} 1", "a b c d"])
def test_what_cannot_be_known_counts_as_alive(writer: str) -> None:
    """Another host, or a tag that is none of ours."""
    assert not is_dead(writer.format(host=host()))
