"""An instance: its file, its content, its reference, and its defects."""
