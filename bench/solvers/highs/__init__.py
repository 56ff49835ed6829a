"""HiGHS, through highspy."""
