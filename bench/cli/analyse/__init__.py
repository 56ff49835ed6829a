"""Commands that read results and say what they mean."""
