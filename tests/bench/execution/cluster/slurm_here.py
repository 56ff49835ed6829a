"""A real Slurm of one node for tests, on 127.0.0.1, without systemd."""
