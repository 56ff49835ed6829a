"""Choosing a setting by instance: what problem statistics tell of which setting is best."""
