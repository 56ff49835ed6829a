"""Executing tasks on other machines, which queues and schedulers of clusters lend."""
