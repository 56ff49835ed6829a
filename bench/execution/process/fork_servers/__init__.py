"""Fork servers of this interpreter and of others, from which all tasks are forked."""
