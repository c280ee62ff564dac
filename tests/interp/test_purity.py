"""A helper that cannot be followed stands in the text as it is where it changes nothing, and is refused where it may."""
import numpy as np
import pytest
from from_text import function

import revad
from revad.interp.purity import changes_outside

# body of a helper of t, and whether it may change what it is given
BODIES = [
    ("t[0] = 3.0", True), ("t += 1", True), ("t.sort()", True), ("np.add(t, 1, out=t)", True),
    ("v = t[1:]\n    v[0] = 2.0", True), ("v = t.reshape(-1)\n    v[0] = 2.0", True), ("v = t.T\n    v[0] = 1", True),
    ("v = np.asarray(t)\n    v[0] = 2.0", True), ("v = np.array(t, copy=False)\n    v[0] = 2.0", True),
    ("for row in t:\n        row *= 2", True), ("for i, row in enumerate(t):\n        row[:] = 2", True),
    ("a, b = t, 2\n    a[0] = 1", True), ("v = [t]\n    v[0][0] = 1", True), ("v = {'k': t}\n    v['k'][0] = 1", True),
    ("v = t if True else 1\n    v[0] = 3", True), ("v = w = t\n    w[0] = 1", True), ("v = (t, 1)[0]\n    v[0] = 1", True),
    ("if np.size(t) < 0:\n        t = t.copy()\n    t[0] = 1", True), ("[row.fill(1.0) for row in t]", True),
    ("v = np.array(t)\n    v[0] = 2.0", False), ("v = t.copy()\n    v[0] = 2.0", False), ("t = t.copy()\n    t[0] = 2.0", False),
    ("for i in range(len(t)):\n        i += 1", False), ("s = 0\n    for v in range(3):\n        s += v", False),
    ("v = np.zeros_like(t)\n    v[0] = t[0]", False), ("v = t * 2\n    v += 1", False), ("v = []\n    v.append(t)", False),
    ("v = {'a': 1}\n    v['b'] = t", False), ("v = np.sort(t)\n    v[0] = 1", False), ("v = float(t[0, 0])\n    v += 1", False)]


@pytest.mark.parametrize("body, changes", BODIES)
def test_what_a_helper_may_change(body, changes):
    helper = function(f"def helper(t):\n    {body}\n    with open(os.devnull):\n        pass\n    return 2.0", os=__import__("os"))
    assert bool(changes_outside(helper)) == changes
    f = function("def f(u, v):\n    r = helper(v)\n    return u * 2 * r", helper=helper)
    v = -2 * np.ones((2, 2))
    if changes:
        with pytest.raises(revad.UnsupportedError):
            revad.grad(f, wrt="u", verify=False).forward(0.5, v)
    else:
        out, cache = revad.grad(f, wrt="u", verify=False).forward(0.5, v)
        assert out == 2.0 and revad.grad(f, wrt="u", verify=False).backward(1.0, cache) == 4.0
    np.testing.assert_array_equal(v, -2 * np.ones((2, 2)))
