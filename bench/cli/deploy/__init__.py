"""Commands that deploy a setting."""
