"""Choosing a setting by instance: selectors evaluated, trained, registered and used."""
