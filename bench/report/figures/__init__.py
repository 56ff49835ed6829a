"""Figures: data first; drawn as SVG shapes for page and files, by plotly if interactive."""
