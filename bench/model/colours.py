"""The colours of settings, in figures and in MLflow."""

from __future__ import annotations

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#5b5b5b", "#a6761d")
"""Colours that colour-blind readers can distinguish (Okabe and Ito 2008), on light and dark."""
