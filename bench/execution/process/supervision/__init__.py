"""The processes of a task: they are limited, measured and ended, and check the solution."""
