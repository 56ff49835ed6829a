"""Commercial solvers through the Python interfaces in their wheels, a module an adapter."""
