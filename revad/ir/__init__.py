"""Intermediate representation: the Program, a tree of stages with regions, before and after inference."""
