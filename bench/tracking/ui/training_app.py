"""The application of ``mlflow server --app-name bench``, imported by its entry point."""

from __future__ import annotations

from mlflow.server.fastapi_app import app as mlflow_app

from bench.tracking.ui.training_page import TrainingApp

app = TrainingApp(mlflow_app)
