"""Find, continue and delete campaigns, tasks and logs in the work folder."""
