"""Tuning a solver: the space of settings, sampling, racing, and the reasons for the winner.

Nothing here executes or writes anything: a race requests solves and receives their costs, so it can
be simulated, and repeated from a journal (`bench.app.tuning` does both).
"""
