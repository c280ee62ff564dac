"""Loops: which of them stay loops and which are followed iteration by iteration, what they go over and what they leave."""
