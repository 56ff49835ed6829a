"""Solves of the bare scip shell under Downward Lab, one at a time.

::

    python benchmarks/ways/lab_experiment.py FOLDER N build     as many runs of one model
    python benchmarks/ways/lab_experiment.py FOLDER N start

The command of a run is taken from FOLDER/command.json.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from lab.environments import LocalEnvironment  # type: ignore[import-not-found]
from lab.experiment import Experiment  # type: ignore[import-not-found]

if __name__ == "__main__":
    folder, n_runs, step = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    experiment = Experiment(str(folder / "experiment"), LocalEnvironment(processes=1))
    for number in range(n_runs):
        run = experiment.add_run()
        run.set_property("id", [str(number)])
        command = json.loads((folder / "command.json").read_text())
        run.add_command("solve", command, time_limit=60, memory_limit=1000)
    if step == "build":
        experiment.build()
    else:
        experiment.start_runs()
