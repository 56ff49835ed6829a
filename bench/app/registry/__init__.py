"""Settings in MLflow's model registry, and the evidence for them."""
