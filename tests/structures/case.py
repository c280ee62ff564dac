"""A program of structures with its arguments at two sizes, and what of them is differentiated."""
from typing import Any, Callable, NamedTuple


class Case(NamedTuple):
    """`arguments(size)` gives the arguments, the same at each call; `wrt` names the parameters with floats.

    With `integers`, integers inside of these parameters are settings, not numbers.

    >>> Case(abs, lambda size: (-1.0 * size,), (1, 2), "x").arguments(2)
    (-2.0,)
    """

    function: Callable
    arguments: Callable
    sizes: tuple
    wrt: Any
    integers: bool = False

    @property
    def name(self):
        return self.function.__name__
