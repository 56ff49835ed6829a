"""Instances: finding files, digests, lists, references, generators."""
