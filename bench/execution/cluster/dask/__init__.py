"""Executing tasks on the workers of a dask scheduler; needs the extra ``cluster``."""
