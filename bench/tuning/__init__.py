"""Tuning a solver: the space of settings, how it is sampled and raced, and why the winner wins.

Nothing here executes or writes anything: a race asks for solves and is told what they cost, so
that it can be simulated, and repeated from a journal (`bench.app.tuning` does both).
"""
