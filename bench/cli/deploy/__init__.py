"""Commands that bring a setting into use."""
