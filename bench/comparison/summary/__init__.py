"""Numbers and tables for MLflow's runs of settings and sweeps."""
