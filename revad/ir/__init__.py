"""Intermediate representation: the Program, a small tree of stages with regions, before and after its types are known."""
