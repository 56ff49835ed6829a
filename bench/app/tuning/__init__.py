"""Tuning: the race as a campaign that grows, and its test as a sweep."""
