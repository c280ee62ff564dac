"""Tangent: forward mode: beside each stage the stages of its tangent, in the same order."""
