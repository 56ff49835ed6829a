"""What the results of one setting come to, as MLflow's runs hold it."""

from __future__ import annotations
