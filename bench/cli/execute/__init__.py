"""Commands that execute tasks, or import results."""
