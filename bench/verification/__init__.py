"""Verification: what may be concluded from an answer."""
