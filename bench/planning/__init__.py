"""Planning: what the user asked for becomes an ordered list of tasks."""
