"""Errors show the user's line, and say all of it."""
import copy
import pickle
import sys
import traceback

import pytest

from revad.errors import (
    CallError,
    Diagnostic,
    Place,
    RevadError,
    RuleError,
    SourceError,
    UnsupportedError,
    note_place,
)

LOOP = Diagnostic(Place("model.py", 3, 5, 4, 14, "    while x > 1:"),
                  "'while' loop", "it has no end", "Write the rounds out.")
STORE = Diagnostic(Place("model.py", 2, 5, 2, 9, "    x[0] = 1"),
                   "store", "it overwrites.", "Use np.where.")


def test_one_problem():
    assert str(UnsupportedError([LOOP])) == (
        "model.py:3:5: 'while' loop: it has no end. Write the rounds out.\n"
        "    while x > 1:\n"
        "    ^^^^^^^^^^^^")


def test_problems_are_sorted_and_all_there():
    assert str(UnsupportedError([LOOP, STORE])) == (
        "model.py:2:5: store: it overwrites. Use np.where.\n"
        "    x[0] = 1\n"
        "    ^^^^\n"
        "model.py:3:5: 'while' loop: it has no end. Write the rounds out.\n"
        "    while x > 1:\n"
        "    ^^^^^^^^^^^^")


def test_what_python_shows():
    error = UnsupportedError([LOOP, STORE])
    shown = "".join(traceback.format_exception_only(UnsupportedError, error))
    assert shown == (
        '  File "model.py", line 2\n'
        "    x[0] = 1\n"
        "    ^^^^\n"
        "revad.errors.UnsupportedError: store: it overwrites. Use np.where.\n"
        "Further problems in the same function:\n"
        "model.py:3:5: 'while' loop: it has no end. Write the rounds out.\n"
        "    while x > 1:\n"
        "    ^^^^^^^^^^^^\n")


def test_attributes_of_a_syntax_error():
    error = UnsupportedError([LOOP])
    assert isinstance(error, SyntaxError) and isinstance(error, RevadError)
    assert (error.filename, error.lineno, error.offset) == ("model.py", 3, 5)
    assert (error.end_lineno, error.end_offset) == (3, 17)    # of the first line
    assert error.text == "    while x > 1:"
    assert error.msg == "'while' loop: it has no end. Write the rounds out."


@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy,
                                   lambda error: pickle.loads(pickle.dumps(error))])
def test_copies(again):
    error = UnsupportedError([LOOP, STORE])
    error.note = "kept"
    twin = again(error)
    assert type(twin) is UnsupportedError and str(twin) == str(error)
    assert (twin.diagnostics, twin.lineno, twin.msg, twin.note) == (
        error.diagnostics, 2, error.msg, "kept")


def test_carets_stand_below_tabs_and_accents():
    place = Place("f.py", 1, 7, 1, 9, "\té =\tf(x)")
    assert place.picture() == "    é =\tf(x)\n       \t ^^"


def test_no_text_no_picture():
    assert str(UnsupportedError([Diagnostic(Place("f.py", 1, 1, 1, 1, ""), "a", "b", "C.")])) == (
        "f.py:1:1: a: b. C.")


def test_no_problems_is_a_mistake():
    with pytest.raises(ValueError):
        UnsupportedError([])


@pytest.mark.parametrize("kind, base", [
    (SourceError, OSError), (CallError, TypeError), (RuleError, TypeError)])
def test_plain_errors(kind, base):
    error = pickle.loads(pickle.dumps(kind("it is so.")))
    assert isinstance(error, base) and isinstance(error, RevadError)
    assert str(error) == "it is so."


PLACE = Place("model.py", 12, 5, 12, 26, "    h = np.tanh(x @ W + b)  ")
NOTE = "in the gradient of model.py, line 12: h = np.tanh(x @ W + b)"


def test_note():
    error = ValueError("not aligned", 7)
    note_place(error, PLACE)
    note_place(error, PLACE)
    if sys.version_info >= (3, 11):
        assert error.__notes__ == [NOTE] and error.args == ("not aligned", 7)
    else:
        assert error.args == ("not aligned", 7)    # two arguments are not shown as a text
        error = ValueError("not aligned")
        note_place(error, PLACE)
        note_place(error, PLACE)
        assert error.args == (f"not aligned\n{NOTE}",)


@pytest.mark.parametrize("error", [
    KeyError("x"), ValueError(), OSError(2, "no such file"), ZeroDivisionError(3)])
def test_a_note_leaves_the_arguments_alone_that_are_no_message(error):
    before = error.args
    note_place(error, PLACE)
    assert error.args == before
