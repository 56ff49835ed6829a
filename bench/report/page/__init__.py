"""The report: one page that needs neither a server nor a network."""
