"""The processes of a task: they are limited, measured and ended, and the solution is checked."""
