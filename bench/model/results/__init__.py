"""A result and its parts: the answer, the measurements, the verification and the verdict."""
