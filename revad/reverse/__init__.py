"""Reverse mode: the adjoint of a typed Program, stages in reverse order, and what it keeps of the forward part."""
