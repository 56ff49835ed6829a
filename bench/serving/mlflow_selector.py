"""The code of a registered selector: MLflow copies this file into the model and executes it.

It imports mlflow, and no module imports it. In a model it is next to ``code/bench.zip``, the bench
that the selector was trained with, which takes precedence over an installed one.
"""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd
from mlflow.exceptions import MlflowException
from mlflow.models import set_model
from mlflow.pyfunc.model import PythonModel, PythonModelContext

OWN = Path(__file__).parent / "code" / "bench.zip"
if OWN.is_file():
    sys.path.insert(0, str(OWN))

import bench  # noqa: E402
from bench.app.selection.choose import choose, preload  # noqa: E402
from bench.errors import BenchError, InstanceError, UsageError  # noqa: E402
from bench.execution.process.fork_servers import fork_server  # noqa: E402
from bench.instances import files  # noqa: E402
from bench.selection.selector import from_files  # noqa: E402
from bench.serving.children import let_children_find_bench  # noqa: E402
from bench.serving.invocations import refuse_unknown  # noqa: E402
from bench.serving.problem_text import row_problem  # noqa: E402
from bench.solvers import registry  # noqa: E402

MAX_MIB = 32.0
"""The largest size of all problems of a request together, uncompressed, in MiB."""


class SelectorModel(PythonModel):
    """Chooses a setting for each row's problem, which is read in a process of its own."""

    def load_context(self, context: PythonModelContext) -> None:
        """Read the selector, check the versions, and start the fork server."""
        paths = [Path(path) for path in context.artifacts.values()]
        self._selector = from_files({path.name: path.read_bytes() for path in paths}, "this model")
        self._selector.check_versions(
            solver=registry.load(self._selector.solver).version(),
            bench=bench.__version__,
            name="this model",
        )
        let_children_find_bench()
        fork_server.prepare_for_good(preload(self._selector))

    def predict(
        self,
        context: PythonModelContext,
        model_input: pd.DataFrame,
        params: dict[str, Any] | None = None,
    ) -> list[dict[str, Any]]:
        """Return a setting for each row; MlflowException if one cannot be answered."""
        del context, params
        rows = [
            {str(name): value for name, value in row.items()}
            for row in model_input.to_dict("records")
        ]
        try:
            with TemporaryDirectory(prefix="bench-requests-") as folder:
                return self._answers(rows, Path(folder))
        except (UsageError, InstanceError) as error:
            raise MlflowException.invalid_parameter_value(str(error)) from None
        except BenchError as error:
            raise MlflowException(str(error)) from None

    def _answers(self, rows: list[dict[str, Any]], folder: Path) -> list[dict[str, Any]]:
        max_mib, found = MAX_MIB, []
        for at, row in enumerate(rows):
            refuse_unknown(row, ("model",), "column")
            own = folder / str(at)
            path = row_problem(row, own, max_mib)
            max_mib -= path.stat().st_size / 2**20
            made = choose(self._selector, files.load(path), own)
            if made.error is not None:
                raise InstanceError(made.error.replace(str(path), path.name))
            chosen = made.choice.setting
            found.append(
                {
                    "setting": chosen.name,
                    "solver": chosen.solver,
                    "solver_version": self._selector.solver_version,
                    "params": dict(chosen.params),
                    "reason": made.choice.reason,
                    "notes": list(made.choice.notes),
                }
            )
        return found


set_model(SelectorModel())
