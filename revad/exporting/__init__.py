"""Exporting: what revad writes becomes a file of its own, which imports NumPy and never revad."""
