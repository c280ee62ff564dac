"""What carries no derivative changes as Python and NumPy change it, under each of its names, or is refused."""
import itertools

import numpy as np
import pytest
from from_text import function

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
    for change, other in itertools.product(CHANGES, OTHERS):
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
