"""Figures: data first, drawn by plotly for browsers and by matplotlib for files."""
