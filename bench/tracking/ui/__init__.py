"""What users see in MLflow's pages: views, charts, colours, a server."""

from __future__ import annotations
