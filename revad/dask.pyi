# For type checkers; tests/testing/test_typing.py compares it with the module.
from collections.abc import Callable, Sequence
from typing import Any, Literal

from . import Gradient

class ShardedGradient:
    __name__: str
    __wrapped__: Callable[..., Any]
    gradient: Gradient[..., Any]
    over: tuple[str, ...]
    wrt: tuple[str, ...]
    reduce: str
    client: Any
    def __call__(self, *args: Any, **keywords: Any) -> tuple[Any, Any]: ...

def value_and_grad(
    loss: Callable[..., Any],
    *,
    wrt: str | int | Sequence[str | int] | None = None,
    over: str | Sequence[str],
    reduce: Literal["sum", "mean"] = "sum",
    client: Any = None,
) -> ShardedGradient: ...
