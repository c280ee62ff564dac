"""Loops: which stay loops and which are unrolled, their iterables and their results."""
