"""Verification: conclusions about an answer."""
