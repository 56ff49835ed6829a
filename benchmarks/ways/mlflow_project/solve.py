"""A solve as the smallest MLflow project: two params, four metrics and one artifact a run."""

from __future__ import annotations

import sys

import mlflow
from pyscipopt import Model

if __name__ == "__main__":
    file, statistics = sys.argv[1:]
    model = Model()
    model.hideOutput()
    model.setParam("timing/clocktype", 2)
    model.readProblem(file)
    mlflow.log_params({"n_vars": model.getNVars(), "n_conss": model.getNConss()})
    model.optimize()
    model.writeStatisticsJson(statistics)
    mlflow.log_metrics(
        {
            "primal_bound": model.getPrimalbound(),
            "dual_bound": model.getDualbound(),
            "nodes": model.getNTotalNodes(),
            "solve_s": model.getSolvingTime(),
        }
    )
    mlflow.log_artifact(statistics)
