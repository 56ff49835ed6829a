"""Choosing a setting by instance: predict the best setting from problem statistics."""
