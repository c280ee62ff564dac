"""One function of the corpus with arguments to call it with."""

from dataclasses import dataclass, field
from typing import Any, Callable


@dataclass(frozen=True)
class Case:
    """The gradient of `function(*args, **kwargs)` on `wrt` is wanted (None: every parameter without a default).

    `output` names the parts of the result that are differentiated, where the others are a cache; `fresh` is called
    before every evaluation, to seed what is drawn; with `integers` those inside of containers are settings.
    """

    function: Callable
    args: tuple
    wrt: Any = None
    kwargs: dict = field(default_factory=dict)
    note: str = ""
    rtol: float = 1e-6
    atol: float = 1e-8
    fresh: Any = None
    output: Any = None
    integers: bool = False

    @property
    def name(self):
        module = self.function.__module__.rsplit(".", 1)[-1]
        return f"{module}.{self.function.__name__}" + (f"[{self.note}]" if self.note else "")

    def check(self, assertion, **more):
        """Calls assert_gradient or assert_reference with all that the case says, and more."""
        options = dict(kwargs=self.kwargs, fresh=self.fresh, output=self.output, integers=self.integers)
        return assertion(self.function, self.args, self.wrt, self.rtol, self.atol, **options, **more)


def cases_of(modules):
    """The cases of every module, in order; the name of each is unique."""
    cases = [case for module in modules for case in module.CASES]
    names = [case.name for case in cases]
    repeated = sorted({name for name in names if names.count(name) > 1})
    assert not repeated, f"give a note to tell apart: {', '.join(repeated)}"
    return cases
