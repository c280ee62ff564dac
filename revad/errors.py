"""Errors say where in the user's file a problem is, what it is, why, and what to write instead.

Every error of the package is a ``RevadError``.  An ``UnsupportedError`` holds all the
problems of a function and is a ``SyntaxError`` too, so that Python, IPython and editors
show the user's own line with a caret under it, without knowing of revad:

>>> place = Place("model.py", 3, 5, 3, 17, "    while x > 1:")
>>> problem = Diagnostic(place, "'while' loop", "it has no fixed number of rounds",
...                      "Write the rounds out.")
>>> error = UnsupportedError([problem])
>>> print(error)
model.py:3:5: 'while' loop: it has no fixed number of rounds. Write the rounds out.
    while x > 1:
    ^^^^^^^^^^^^
>>> isinstance(error, SyntaxError), error.lineno, error.offset, error.end_offset
(True, 3, 5, 17)
"""
from __future__ import annotations

from dataclasses import dataclass, field, replace


@dataclass(frozen=True)
class Place:
    """A range of the user's file; lines and columns count from 1.  Column 0 stands for whole lines."""

    file: str
    line: int
    column: int
    end_line: int
    end_column: int    # one past the last character
    text: str          # its first line, as in the file

    def __str__(self):
        return f"{self.file}:{self.line}:{self.column}" if self.column else f"{self.file}:{self.line}"

    @property
    def first_line_end(self):
        """Where the range ends on its first line: only that line is shown."""
        end = self.end_column if self.end_line == self.line else len(self.text.rstrip()) + 1
        return max(end, self.column + 1)

    def picture(self):
        """The source line and carets below it, indented by four spaces.

        >>> print(Place("f.py", 1, 5, 1, 10, "y = x @ W").picture())
            y = x @ W
                ^^^^^
        """
        line = self.text.rstrip()
        shown = line.lstrip()
        if not self.column:
            return f"    {shown}"
        before = line[len(line) - len(shown):self.column - 1]
        # Tabs stay tabs, so that the carets are below what they point at.
        gap = "".join(c if c.isspace() else " " for c in before)
        return f"    {shown}\n    {gap}{'^' * (self.first_line_end - self.column)}"


class Tried(Place):
    """A place in a 'try' statement whose handlers are not followed."""


@dataclass(frozen=True)
class Filled(Place):
    """A place where a list is made an array, and a text asserts whether the list has elements.

    in_some_rounds: it has elements in some rounds of a loop, and nothing is asserted.
    """

    in_some_rounds: bool = False

    def of_some_rounds(self):
        """The place of a list that has elements in some rounds only."""
        return replace(self, in_some_rounds=True)


@dataclass(frozen=True)
class Rejected(Place):
    """A place that raises as far as the compiler knows, so that a side of a branch ends there.

    reason: what, why and what to write instead, which is told where it does not raise.
    """

    reason: tuple = ()


@dataclass(frozen=True)
class Diagnostic:
    """One problem of the user's source, as three parts of a sentence."""

    place: Place
    what: str       # "'while' loop"
    why: str        # "it has no fixed number of rounds"
    instead: str    # "Write the rounds out."
    # The exception that the function itself raises here, if that is the reason.
    raises: type | None = field(default=None, compare=False)

    def sentence(self):
        """Everything except the place."""
        return f"{self.what}: {self.why.rstrip('.')}. {self.instead}".rstrip()

    def __str__(self):
        report = f"{self.place}: {self.sentence()}"
        return f"{report}\n{self.place.picture()}" if self.place.text.strip() else report


class RevadError(Exception):
    """The base class of every error of the package.

    doubtful: the function itself may raise where the compiler does.
    """

    doubtful = False


class UnsupportedError(RevadError, SyntaxError):
    """The function uses something that revad cannot differentiate; ``.diagnostics`` lists every place."""

    def __init__(self, diagnostics):
        self.diagnostics = tuple(sorted(
            diagnostics, key=lambda d: (d.place.file, d.place.line, d.place.column)))
        self.doubtful = self.doubtful or any(problem.raises is not None for problem in self.diagnostics)
        first, *others = self.diagnostics
        # Python shows the place of the first from the attributes of a SyntaxError; the places of the others
        # must be in the message.
        message = first.sentence()
        if others:
            message += "\nFurther problems in the same function:"
            message += "".join(f"\n{other}" for other in others)
        place = first.place
        # The end is that of the first line, as Python 3.10 applies end_offset to it.
        super().__init__(message, (place.file, place.line, place.column or 1, place.text,
                                   place.line, place.first_line_end))

    def __str__(self):
        return "\n".join(map(str, self.diagnostics))

    def __reduce__(self):
        return type(self), (self.diagnostics,), self.__dict__


class SourceError(RevadError, OSError):
    """The source of a function is not available, or is not the function's own."""


class CallError(RevadError, TypeError):
    """A gradient was called with arguments that it cannot take."""


class InternalError(RevadError, RuntimeError):
    """The compiler itself failed; its own exception is the `__cause__`."""

    doubtful = True


class Fault(UnsupportedError, InternalError):
    """A fault of the compiler, reported as a refusal of the function."""


class RuleError(RevadError, TypeError):
    """A rule for a function was declared wrongly."""


class ExportError(RevadError, ValueError):
    """A text cannot stand in a file of its own, or the file is not what would be written now."""


class VerificationError(RevadError):
    """A text does not do what it was generated for: its gradient, or another of its results, is wrong.

    parameter: the name of the parameter concerned, if any; direction: the element that changes; generated,
    numeric: the two derivatives.
    """

    def __init__(self, message, parameter=None, direction=None, generated=None, numeric=None):
        super().__init__(message)
        self.parameter, self.direction, self.generated, self.numeric = (parameter, direction,
                                                                        generated, numeric)

    def __reduce__(self):
        return type(self), (*self.args, self.parameter, self.direction, self.generated, self.numeric)


class VerificationSkipped(UserWarning):
    """A gradient was not verified, because its function has a lasting effect, which the message names."""


def at(place, error):
    """Record on an exception of the compiler the place in the user's file, unless it has one."""
    if place is not None and not hasattr(error, "place"):
        try:
            error.place = place
        except AttributeError:
            pass    # without the attribute, the place is that of the function


def note_place(error, place):
    """Note on an exception from generated code the user's line that it belongs to.

    >>> error = ValueError("shapes (3,2) and (3,) not aligned")
    >>> note_place(error, Place("model.py", 12, 5, 12, 26, "    h = np.tanh(x @ W + b)"))
    >>> print(getattr(error, "__notes__", error.args)[-1].splitlines()[-1])
    in the gradient of model.py, line 12: h = np.tanh(x @ W + b)
    """
    note(error, f"in the gradient of {place.file}, line {place.line}: {place.text.strip()}")


def note(error, text):
    """Add a note to an exception, once."""
    if hasattr(error, "add_note"):
        if text not in getattr(error, "__notes__", ()):
            error.add_note(text)
    # Python 3.10 has no notes.  The first argument may be extended only where it is the message: that of a
    # KeyError is the key.
    elif error.args and isinstance(error.args[0], str) and str(error) == error.args[0]:
        if text not in error.args[0]:
            error.args = (f"{error.args[0]}\n{text}", *error.args[1:])


class NotKept(RevadError):
    """A backward pass for a partial `dout` needs a residual that the cache does not have."""


class NotApart(Exception):
    """A called function cannot have passes of its own: it must be inlined into the caller's text."""


class NotInTurns(Exception):
    """The elements of a list are not all taken in the rounds of loops: these have to be written out."""
