"""What lies in the work folder: campaigns, tasks and their logs are found, continued, deleted."""
