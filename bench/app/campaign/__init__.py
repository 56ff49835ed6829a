"""What run, sweep and import share: plan, instances, cores, tasks, delivery to MLflow."""
