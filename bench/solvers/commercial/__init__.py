"""Commercial solvers through the Python interfaces in their wheels, with a module per adapter."""
