"""Refusals: the diagnostic of a stage that cannot be differentiated.

>>> from ..errors import Place
>>> from ..ir.nodes import Stage, Form
>>> stage = Stage((), Form("call", "f"), (), place=Place("m.py", 3, 5, 3, 9, "y = f(x)"))
>>> diagnostic(stage, Refusal("call of f", "revad has no rule for it", "Declare one.")).what
'call of f'
"""
from __future__ import annotations

import sysconfig

from ..errors import Diagnostic
from ..spelling import did_you_mean, listed
from .scope import NameMissing, Unknown

LIBRARIES = tuple({sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")})


class Refusal(Exception):
    """A stage that cannot be differentiated: what, why and what to write instead.

    raises: the exception that running the stage raises, where that is the reason.
    """

    def __init__(self, what, why, instead, raises=None):
        super().__init__(what)
        self.what, self.why, self.instead, self.raises = what, why, instead, raises


def no_such_element(what, tag, key, elements):
    """The refusal of an element that a container does not have; `elements`: a dict, or a list or tuple.

    >>> no_such_element("subscript", "dict", "c", {"a": 1, "cc": 2}).why
    "the dict has no key 'c': it has 'a' and 'cc'"
    """
    if tag == "dict":
        holds = f"it has {listed(elements)}" if elements else "it is empty"
        return Refusal(what, f"the dict has no key {key!r}: {holds}",
                       did_you_mean(key, elements, repr) or "Use a key that it has.", KeyError)
    return Refusal(what, f"the {tag} has no element {key!r}: it has {len(elements)}",
                   "Use an element that it has.", IndexError)


class RankUnknown(Exception):
    """A rule asks for the rank of an array whose rank is not known."""


def raised_by(error):
    """The exception that the function itself raises where the compiler refuses with this error, or None."""
    while error is not None:
        if isinstance(error, NameMissing):
            return NameError
        if isinstance(error, Refusal):
            return error.raises
        error = error.__cause__ or error.__context__
    return None


def diagnostic(stage, error) -> Diagnostic:
    """The diagnostic for a refusal of a stage, or for an error in its rule."""
    if isinstance(error, Refusal):
        return Diagnostic(stage.place, error.what, error.why, error.instead, error.raises)
    if isinstance(error, NameMissing):
        return Diagnostic(stage.place, f"name '{error.args[0]}'", "it is not defined",
                          did_you_mean(error.args[0], error.words)
                          or "Define it before the gradient is called.")
    subject = getattr(stage, "gate", None)
    subject = f"gradient of {subject.name}" if subject is not None else "gradient"
    if isinstance(error, RankUnknown):
        # A mistake in the program may be the reason, so the function itself is asked.
        return Diagnostic(stage.place, subject,
                          "the number of axes of an array in it is not known when compiling",
                          "Give the array a known rank, for instance with reshape.", Exception)
    if isinstance(error, Unknown):
        return Diagnostic(stage.place, subject,
                          "a setting in it (an axis, a shape) is not known when compiling",
                          "Use a constant, a parameter or a global for it.")
    return Diagnostic(stage.place, subject, str(error) or "its rule failed",
                      "Use another spelling, or declare a rule.")


def at_the_call(stage, problem) -> Diagnostic:
    """A problem in a file of an installed library, reported at the call that leads there."""
    if (stage.place is None or not problem.place.file.startswith(LIBRARIES)
            or stage.place.file.startswith(LIBRARIES)):
        return problem
    form = getattr(stage, "form", None)
    name = (form.name.rpartition(".")[2] if form is not None and form.kind in ("call", "method")
            else "the function")
    return Diagnostic(stage.place, f"call of {name}",
                      "revad has no rule for it, and cannot follow it "
                      f"({problem.place}, {problem.what}: {problem.why})",
                      f"Declare its derivative with @revad.elementwise({name}) or @revad.adjoint({name}).",
                      problem.raises)
