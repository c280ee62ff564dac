"""Grading: `check_backward`, which compares a backward pass written by hand and names the mistake in it."""
