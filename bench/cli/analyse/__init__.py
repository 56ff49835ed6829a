"""Commands that analyse results."""
