"""Compare ten settings on tables of growing size: all subsets, all tests, all intervals.

::

    python benchmarks/compare.py              1,000 to 100,000 results a setting: a minute
    python benchmarks/compare.py --quick      without the largest
    python benchmarks/compare.py --profile    and where the time goes

Results are made up: three seeds an instance, some timeouts, some wrong answers. A ratio is to the
row above, which is a tenth of the size: 10 is linear. One process; numpy's own threads are left as
they are.
"""

from __future__ import annotations

import argparse
import cProfile
import platform
import pstats
import resource
import time

import numpy as np
import pandas as pd

from bench.comparison.compare import compare
from bench.comparison.options import Options
from bench.comparison.wording.narrative import headline

N_SETTINGS = 10
N_SEEDS = 3
LIMIT_S = 3600.0


def made_up(n_each: int) -> pd.DataFrame:
    """Return ``n_each`` results of each setting, in the columns of ``results.parquet``."""
    rng = np.random.default_rng(1)
    n_instances = -(-n_each // N_SEEDS)
    instance, seed = np.divmod(np.arange(n_each), N_SEEDS)
    hardness = np.exp(rng.normal(3, 2.5, n_instances))[instance]
    names = np.array([f"instance-{at:06d}.mps.gz" for at in range(n_instances)])[instance]
    digests = np.array([f"{at:064x}" for at in range(n_instances)])[instance]
    parts = []
    for at in range(N_SETTINGS):
        seconds = hardness * np.exp(rng.normal(0.01 * at, 0.4, n_each))
        verdict = np.where(seconds >= LIMIT_S, "limit", "solved")
        verdict[rng.random(n_each) < 0.001] = "wrong"
        parts.append(
            pd.DataFrame(
                {
                    "instance": names,
                    "instance_sha256": digests,
                    "setting": "default" if at == 0 else f"setting-{at}",
                    "solver": "scip",
                    "solver_version": "10.0.2",
                    "seed": seed,
                    "permutation": 0,
                    "verdict": verdict,
                    "termination": np.where(seconds >= LIMIT_S, "time", "normal"),
                    "solve_time_s": np.minimum(seconds, LIMIT_S),
                    "n_nodes": np.floor(10 * seconds),
                    "n_lp_iterations": np.floor(100 * seconds),
                    "primal_dual_integral": seconds,
                    "time_limit_s": LIMIT_S,
                    "memory_limit_mib": 4096.0,
                    "started_at": rng.random(n_each),
                    "clock": "cpu",
                    "machine": "one",
                }
            )
        )
    return pd.concat(parts, ignore_index=True).astype({"seed": "Int64", "permutation": "Int64"})


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--profile", action="store_true")
    arguments = parser.parse_args()
    compare(made_up(60))
    print(f"Python {platform.python_version()}, numpy {np.__version__}, pandas {pd.__version__}")
    print("| results a setting | all | instances | s | CPU s | CPU ratio | peak MiB |")
    print("| ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    before = None
    for n_each in (1_000, 10_000, 100_000)[: 2 if arguments.quick else 3]:
        frame = made_up(n_each)
        profile = cProfile.Profile()
        start, cpu = time.perf_counter(), time.process_time()
        if arguments.profile:
            profile.enable()
        comparison = compare(frame, Options())
        profile.disable()
        wall_s, cpu_s = time.perf_counter() - start, time.process_time() - cpu
        ratio = f"{cpu_s / before:.1f}" if before else ""
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        n_instances = comparison.basis.n_instances
        sizes = f"{n_each:,} | {len(frame):,} | {n_instances:,}"
        print(f"| {sizes} | {wall_s:.2f} | {cpu_s:.2f} | {ratio} | {peak:.0f} |", flush=True)
        before = cpu_s
        if arguments.profile:
            pstats.Stats(profile).sort_stats("tottime").print_stats(18)
    print(headline(comparison))


if __name__ == "__main__":
    main()
