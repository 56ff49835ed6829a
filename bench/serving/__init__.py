"""A registered setting over HTTP, and the model that MLflow loads."""
