"""Train a random forest on the diabetes data; autolog records the run without another line."""

from __future__ import annotations

from collections.abc import Sequence

import diabetes
import example_store
import mlflow
from mlflow.entities import Run


def train(n_estimators: int = 100, max_depth: int = 6, max_features: int = 3) -> Run:
    """Return the run of a random forest: parameters, metrics of the training data, model.

    ``score`` on other data is recorded as well, under the name of the variable that has them.
    """
    data = diabetes.load_data()
    mlflow.sklearn.autolog()
    with mlflow.start_run(run_name="autolog", tags={"model_type": "sklearn"}) as run:
        model = diabetes.forest(n_estimators, max_depth, max_features)
        model.fit(data.x_train, data.y_train)
        x_test, y_test = data.x_test, data.y_test
        model.score(x_test, y_test)
    return mlflow.get_run(run.info.run_id)


def main(argv: Sequence[str] | None = None) -> None:
    """Train with the options of the command line, and print what was recorded."""
    parser = example_store.parser(__doc__)
    parser.add_argument("--n-estimators", type=int, default=100, help="[default: %(default)s]")
    parser.add_argument("--max-depth", type=int, default=6, help="[default: %(default)s]")
    parser.add_argument("--max-features", type=int, default=3, help="[default: %(default)s]")
    chosen = parser.parse_args(argv)
    example_store.use_store_or_run(chosen.tracking_uri, chosen.experiment)
    run = train(chosen.n_estimators, chosen.max_depth, chosen.max_features)
    print(f"run {run.info.run_id} in {chosen.tracking_uri}")
    for name, value in sorted(run.data.metrics.items()):
        print(f"  {name}: {value:.4g}")


if __name__ == "__main__":
    example_store.ended(main)
