"""Planning: turn the user's request into an ordered list of tasks."""
