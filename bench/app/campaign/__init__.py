"""Shared by run, sweep and import: plan, instances, cores, tasks, upload to MLflow."""
