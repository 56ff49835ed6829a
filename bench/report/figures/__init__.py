"""Figures: data first, drawn as shapes of SVG for page and files, by plotly for what zooms."""
