"""``--threads``: the same for all solvers, as many cores, and part of what is compared."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from tests.commands import Run

QUIET = ("--no-mlflow", "--no-lint")


@pytest.mark.skipif((os.cpu_count() or 1) < 2, reason="needs two cores")
def test_two_threads_take_two_cores_and_are_not_compared_silently(
    bench: Run, knapsack: Path
) -> None:
    """HiGHS has them, in its own parameter, in the task's cores, and in its key."""
    keys = set()
    for threads in ("1", "2"):
        name = f"t{threads}"
        done = bench(
            *("sweep", knapsack, "--solver", "highs", "--threads", threads, "--name", name),
            *(*QUIET, "--if-cores-taken", "share", "--oversubscribe", "-j", "1", "--json"),
        )
        (result,) = done.json["results"]
        keys.add(result["key"])
        assert result["n_threads"] == int(threads)
        shown = bench("show", "knapsack", "--sweep", name).out
        (cores,) = re.findall(r"^cores +(.*)$", shown, re.MULTILINE)
        assert len(cores.split(",")) >= int(threads)
    assert len(keys) == 2
    refused = bench("compare", "t1", "t2", code=2)
    assert "differ in n_threads: default (1 thread) 1, default (2 threads) 2" in refused.err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--threads", "2"), "solver 'scip' cannot use several threads"),
        (("--solver", "highs", "--threads", "999"), "--threads 999: only "),
        (("--solver", "highs", "-p", "threads=999"), "--threads 999: only "),
        (("--solver", "highs", "-p", "threads=0"), "threads = 0: give the number of threads"),
        (("--threads", "0"), "--threads"),
    ],
)
def test_threads_that_cannot_be_had_are_refused_in_a_line(
    bench: Run, knapsack: Path, words: tuple[str, ...], message: str
) -> None:
    """Before anything is executed, for a run and for a sweep."""
    for command in ("run", "sweep"):
        refused = bench(command, knapsack, *QUIET, *words, code=2)
        assert message in refused.err
        assert "Traceback" not in refused.err


def test_a_sweep_file_has_the_key_too_and_notes_who_has_no_threads(
    bench: Run, knapsack: Path, tmp_path: Path
) -> None:
    """SCIP beside HiGHS gets the same cores and uses one of them."""
    (tmp_path / "s.yaml").write_text(f"instances: {knapsack}\nsolvers: [scip, highs]\nthreads: 2\n")
    if (os.cpu_count() or 1) < 2:
        pytest.skip("needs two cores")
    done = bench("sweep", "s.yaml", *QUIET, "--if-cores-taken", "share")
    assert "solver 'scip' uses one thread: 1 of the 2 cores" in done.err
