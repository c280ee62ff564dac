"""One function of the corpus with arguments to call it with."""

from dataclasses import dataclass, field
from typing import Any, Callable


@dataclass(frozen=True)
class Case:
    """The gradient of `function(*args, **kwargs)` on `wrt` is wanted (None: every parameter without a default)."""

    function: Callable
    args: tuple
    wrt: Any = None
    kwargs: dict = field(default_factory=dict)
    note: str = ""
    rtol: float = 1e-6
    atol: float = 1e-8

    @property
    def name(self):
        module = self.function.__module__.rsplit(".", 1)[-1]
        return f"{module}.{self.function.__name__}" + (f"[{self.note}]" if self.note else "")
