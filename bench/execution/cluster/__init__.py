"""Executing tasks on other machines, by queues and schedulers of clusters."""
