"""What carries no derivative changes as Python and NumPy change it, under each of its names, or is refused."""
import itertools

import numpy as np
import pytest
from from_text import function
from samples import part_of

import revad


def helper(p):
    out = np.zeros_like(p)
    return out + p


CHANGES = ["b.append(1.0)", "b += [1.0]", "b *= 2", "b[0] = 7.0", "b[:2] = [7.0, 8.0]", "b.insert(0, 5.0)",
           "b.reverse()", "b.pop()", "b.sort()", "b.extend([1.0])", "a = b[:]; a[0] = 5.0", "del b[0]",
           "c.append(1.0)", "c[0] = 5.0", "c += [1.0]", "c.pop()", "c = b; c.append(2.0)"]
LISTS = ["list(x[0])", "list(helper(x)[0])", "list(x.sum(axis=0))", "[v for v in x[0]]", "sorted(x[0])",
         "x[0].tolist()", "list(reversed(x[0]))"]
OTHERS = ["c = b", "c = (b, 1)[0]", "c = b if w > 0 else [1.0]", "c = b[:]", "c = [b][0]",
          "c = {'k': b}['k']", "c = [1.0]\n    if w > 0:\n        c = b", "c = (w > 0 and b) or [1.0]",
          "c = max([b], key=len)", "c = b if w > 0 else [1.0, 2.0, 3.0]",
          "c = [1.0, 2.0, 3.0]\n    if w > 0:\n        c = b"]


@pytest.mark.parametrize("made", LISTS)
def test_a_list_that_is_not_differentiated_changes_as_a_list_does(made):
    """Its other names see each change; a slice of it does not."""
    x, accepted = np.arange(6.0).reshape(2, 3) * 0.7 - 1.1, 0
    for change, other in part_of(itertools.product(CHANGES, OTHERS), 2):
        f = function(f"def f(x, w):\n    b = {made}\n    {other}\n    {change}\n"
                     "    return (len(c) + c[0] + len(b) + 3 * b[0]) * w", helper=helper)
        expected, given = f(x.copy(), 2.0), x.copy()
        try:
            value, dw = revad.value_and_grad(f, wrt="w")(given, 2.0)
        except revad.UnsupportedError as error:
            assert not isinstance(error, revad.InternalError)
            continue
        np.testing.assert_allclose((value, dw), (expected, expected / 2), 1e-12)
        np.testing.assert_array_equal(given, x)
        accepted += 1
    assert accepted > 10 or made.startswith(("list(x", "list(h", "x[0]"))


@pytest.mark.parametrize("store", ["b += 1.0", "b[0] = 2.0", "b.fill(3.0)", "np.add(b, 1.0, out=b)",
                                   "b *= x", "b.sort()"])
@pytest.mark.parametrize("made",
                         ["helper(x)", "x * 2", "np.zeros((2, 3))", "x[::-1]", "helper(x)[::-1]", "x"])
def test_a_store_into_what_may_have_another_name_by_a_choice(made, store):
    x = np.arange(6.0).reshape(2, 3) * 0.7 - 1.1
    for choice in ("c = b if w > 0 else x", "c = x\n    if x.size > 2:\n        c = b",
                   "c = x if w < 0 else b", "c = (w > 0 and [b] or [x])[0]", "c = [x, b][x.size > 2]"):
        f = function(f"def f(x, w):\n    b = {made}\n    {choice}\n    {store}\n"
                     "    return (c * [1, 2, 3]).sum() * w", helper=helper)
        expected, given = f(x.copy(), 2.0), x.copy()
        try:
            value, dw = revad.value_and_grad(f, wrt="w")(given, 2.0)
        except revad.UnsupportedError as error:
            assert not isinstance(error, revad.InternalError)
            continue
        np.testing.assert_allclose((value, dw), (expected, expected / 2), 1e-12)
        np.testing.assert_array_equal(given, x)


class Held:
    def __init__(self, w, b):
        self.w, self.b = w, b


COPIES = ["e = [*d]", "e = (*d,)", "e = list(d)", "e = d[:]", "e = [d[0], d[1]]", "e = d + []", "e = [*d, s][:2]", "e = d.copy()", "e, _ = [d, s]"]
ELEMENTS = ["d[0] = d[0] + 1.0", "d[0] += 1.0", "d[0] = d[1]", "w = d.pop(0)\n    d.insert(0, w * 2.0)", "d.reverse()", "d += [s]", "d[0], d[1] = d[1], d[0]",
            "e[0] = e[0] * 2.0", "e[0] *= 2.0", "d[1] *= 2.0"]


@pytest.mark.parametrize("copy", COPIES)
@pytest.mark.parametrize("wrt", ["s", "d"])
def test_a_copy_of_a_list_holds_the_same_arrays_in_places_of_its_own(copy, wrt):
    for change in ELEMENTS:
        check(f"def f(d, s):\n    {copy}\n    {change}\n    return np.sum(d[0] * d[1] + e[0] * np.array([1.0, 2, 3])) * s + np.sum(e[1]) * s",
              lambda: ([np.array([0.5, -1.2, 0.3]), 0.7], 1.3), wrt)


NAMES = ["e = Held(d.w, d.b)", "e = Held(d.w * 1.0, d.b)", "e = d", "w = d.w\n    e = Held(w, 2.0)"]
ATTRIBUTES = ["d.w = 1.0\n    e.w *= 1.5", "d.w = d.w * 1.5\n    e.w *= 3.0", "v = d.w\n    d.w = d.w * 1.5\n    v *= 3.0", "d.w, d.b = d.b, d.w\n    e.w *= 2.0",
              "v = d.w\n    e.w += 1.0\n    d.b = v.sum()", "v = d.w[1:]\n    d.w = d.w + 1.0\n    v *= 2.0", "d.w *= 2.0\n    v = d.w\n    d.w = v * v\n    v += 1.0"]


@pytest.mark.parametrize("names", NAMES)
def test_an_attribute_that_is_bound_anew_no_longer_sees_its_old_array(names):
    for change in ATTRIBUTES:
        check(f"def f(d, s):\n    {names}\n    {change}\n    return np.sum(d.w * np.array([1.0, 2, 3]) + e.w * 3.0 + d.b) * s",
              lambda: (Held(np.array([0.5, -1.2, 0.3]), 0.7), 1.3), "s")


def check(text, arguments, wrt):
    """A program is right against differences in s and in value, or refused; what it is given stays as it is."""
    f, step = function(text, Held=Held), 1e-6
    try:
        expected = f(*arguments())
    except (TypeError, ValueError, AttributeError):
        return
    given = arguments()
    try:
        value, gradient = revad.value_and_grad(f, wrt=wrt)(*given)
    except revad.UnsupportedError as error:
        assert not isinstance(error, revad.InternalError), text
        return
    np.testing.assert_allclose(value, expected, 1e-12, err_msg=text)

    def moved(h):
        d, s = arguments()
        if wrt == "s":
            return f(d, s + h)
        return f([d[0] + h * np.array([1.0, -2.0, 0.5]), d[1] + 3 * h], s)

    numeric = (moved(step) - moved(-step)) / (2 * step)
    slope = gradient if wrt == "s" else gradient[0] @ np.array([1.0, -2.0, 0.5]) + 3 * gradient[1]
    np.testing.assert_allclose(slope, numeric, 1e-6, 1e-6, err_msg=text)
    fresh = arguments()[0]
    for part, other in zip(vars(given[0]).values() if isinstance(fresh, Held) else given[0], vars(fresh).values() if isinstance(fresh, Held) else fresh):
        np.testing.assert_array_equal(part, other)
