"""A registered setting over HTTP, and the model that MLflow loads: requests in, answers out."""
