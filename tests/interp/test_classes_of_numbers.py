"""What asks for the class of a value that one side of a branch leaves as this, the other as that."""
import collections

import numpy as np
import pytest
from from_text import function

import revad

ASKED = ["isinstance(e, float)", "isinstance(e, np.ndarray)", "isinstance(e, (int, float))",
         "isinstance(e, int)", "type(e) is np.ndarray", "type(e) == float", "hasattr(e, 'shape')",
         "hasattr(e, '__len__')",
         "np.isscalar(e)", "isinstance(e, np.floating)", "isinstance(e, np.generic)",
         "isinstance(e, (list, tuple))",
         "e is None", "getattr(e, 'ndim', -1) == 0", "np.shape(e) == ()", "isinstance(e, type(v[0]))"]
ENDS = [("0.5", "v[0]"), ("1", "v[0]"), ("1", "0.5"), ("v[0]", "v"), ("v[:1]", "v[0]"), ("True", "0.5"),
        ("v[0] * 2", "np.float32(2.0)"), ("[v[0]]", "v"), ("v.sum()", "v.sum(keepdims=True)"),
        ("None", "v[0]"),
        ("np.int64(2)", "0.5"), ("np.sum(v)", "float(v[0])"), ("v[1:]", "v[1]")]
FORMS = {"if": "    e = {a}\n    if v[1] > n:\n        e = {b}\n",
         "expression": "    e = {a} if v[1] <= n else {b}\n",
         "loop": "    e = {a}\n    for i in range(2):\n        if v[i] > n:\n            e = {b}\n",
         "call": "    e = h(v, n)\n",
         "computed": "    e = {a}\n    if v[1] > n:\n        e = {b}\n"
                     "    e = e * 2 if e is not None else e\n"}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("ends", ENDS, ids="-".join)
def test_classes_that_differ(ends, form):
    counts = collections.Counter()
    for asked in ASKED:
        a, b = ends
        f = function(f"def f(v, n):\n{FORMS[form].format(a=a, b=b)}    if {asked}:\n"
                     "        return np.sum(v) * 2\n    return np.sum(v) * 3\n\n"
                     f"def h(v, n):\n    if v[1] > n:\n        return {b}\n    return {a}\n")
        gradient = revad.grad(f, wrt="v")
        for v in (np.array([1.5, 2.5]), np.array([0.2, 0.3]), np.array([1.2, 3.0])):
            try:
                out, _ = gradient.forward(v, 1.0)
            except revad.UnsupportedError:
                counts["refused"] += 1
                continue
            assert out == f(v, 1.0), (asked, v)
            counts["right"] += 1
    assert counts["right"] > counts["refused"] or "None" in ends or "[v[0]]" in ends, counts
