"""An instance, what it consists of, what is known of it, and what is wrong with it."""
