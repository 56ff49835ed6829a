"""A solve in a Python process of its own, the way a first script does it.

::

    python benchmarks/ways/fresh_python.py model.lp statistics.json
"""

from __future__ import annotations

import sys

from pyscipopt import Model

if __name__ == "__main__":
    file, statistics = sys.argv[1:]
    model = Model()
    model.hideOutput()
    model.setParam("timing/clocktype", 2)
    model.readProblem(file)
    model.optimize()
    model.writeStatisticsJson(statistics)
