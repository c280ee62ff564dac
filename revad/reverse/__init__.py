"""Reverse mode: the adjoint of a typed Program, its stages in reverse order, and the residuals it reads."""
