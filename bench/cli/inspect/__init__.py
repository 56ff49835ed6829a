"""Commands that look at solutions, records, solvers, instances and the machine."""
