"""Commands that inspect solutions, records, solvers, instances and the machine."""
