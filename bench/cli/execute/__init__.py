"""Commands that execute tasks, or bring in results of others."""
