"""The sweep of containers that share what they hold.

One is a parameter, a dict, a list, a tuple or an object, and another is made of it. A few statements store
into what one of the two holds, or bind an element of it anew, under its names and in helpers, loops and
branches; what is returned is read from both.
"""
import random

import numpy as np

from .written_expressions import Container, Parameter, Program, outcome, shrunk

SAMPLE = 120
TRIES = 30
LARGEST = 1e4
PLACES = {"dict": ("{}['w']", "{}['b']"), "list": ("{}[0]", "{}[1]"), "namespace": ("{}.w", "{}.b"),
          "tuple": ("{}[0]", "{}[1]")}
CLASS = """import copy
from types import SimpleNamespace


class Obj:
    def __init__(self, w, b):
        self.w = w
        self.b = b


"""
# What the second container is made of: e of d.
SECOND = {
    "dict": """e = d | e = dict(d) | e = d.copy() | e = {**d} | e = {'w': d['w'], 'b': d['b']}
e = {**d, 'b': 2.0}
e = {k: t for k, t in d.items()} | e = {'w': d['w'] * 1.0, 'b': d['b']}""",
    "list": """e = d | e = list(d) | e = d[:] | e = d.copy() | e = [d[0], d[1]] | e = d + [1.0] | e = [*d]
e = d * 1
e = [t for t in d] | e = d[::-1][::-1] | e = [d[0] * 1.0, d[1]]""",
    "namespace": """e = d | e = SimpleNamespace(w=d.w, b=d.b) | e = SimpleNamespace(**vars(d))
e = Obj(d.w, d.b)
e = copy.copy(d) | e = Obj(d.w * 1.0, d.b) | e = copy.deepcopy(d)""",
    "tuple": "e = d | e = (d[0], d[1]) | e = [*d] | e = list(d) | e = d + (1.0,) | e = tuple(d)",
}
# N and M are the two containers in either order; W and B what N holds, V what M holds in the place of W.
ANY = r"""
<W> += 1.0 | <W> = <W> + 1.0 | <W>[0] = 5.0 | <W>[...] = s | <B> += 1.0 | <B> = s * 2 | <B> = <B> * s
<W>, <B> = <B>, <W> | w = <W> | w = <V> | w *= 3.0 | w = w * 2.0 | w[0] = s | v = [<W>, <W>] | v[0] += 1.0
v[1][0] = 7.0 | v = {'q': <W>} | for t in [<W>]:\n    t *= 2.0 | for k in range(2):\n    <W> = <W> * 1.5
for k in range(2):\n    <W> *= 1.5 | if s > 0:\n    <W> = <W> * 2.0
if s > 0:\n    <W> *= 2.0\nelse:\n    <B> = 0.0
if s < 0:\n    <W> = <V> | <W> = <V> | <V>[0] = <B> | def g(t):\n    t[0] = s\n    return t\nw = g(<W>)
def h(c):\n    <Wc> *= 2.0\n    return <Wc>\nw = h(<N>)
def h(c):\n    <Wc> = <Wc> * 2.0\n    return <Wc>\nw = h(<N>)
def h(c):\n    <Bc> += s\nh(<N>) | w = <W> = <V> * 2.0
"""
OWN = {
    "dict": r"""
<N>.update(b=s) | <N>.update(w=<V>) | w = <N>.pop('w')\n<N>['w'] = w * 2.0 | <N>['q'] = <W>\n<N>['q'][0] = 1.0
for k in <N>:\n    <N>[k] = <N>[k] * 2.0 | for k, t in <N>.items():\n    if k == 'w':\n        t += 1.0
w = <N>.get('w') | w = <N>.setdefault('w', s) | w = list(<N>.values())[0] | del <N>['b']\n<N>['b'] = s
""",
    "list": r"""
<N>.append(<W>)\n<N>[-1] *= 2.0 | <N>.reverse()\n<N>.reverse() | w = <N>.pop(0)\n<N>.insert(0, w * 2.0)
<N>.extend([s]) | <N> += [s] | <N> = <N> + [s] | w, b = <N>[0], <N>[1] | w, *rest = <N>
for i in range(2):\n    <N>[i] = <N>[i] * 2.0 | for i, t in enumerate(<N>):\n    <N>[i] = t + s
for t in <N>:\n    t = t * 2 | <N>[0], <N>[1] = <N>[0] * 2, s
""",
    "namespace": r"""
<N>.q = <W>\n<N>.q[0] = 3.0 | setattr(<N>, 'b', s) | w = getattr(<N>, 'w') | <N> = Obj(<W>, s)
""",
    "tuple": "w, b = <N> | <N> = (w, s) | w, *rest = <N> | <N>[0][0] = s | <N>[0][:] *= 2.0",
}
RESULTS = ["np.sum(<dw>**2) + np.sum(<ew>**3)", "np.sum(<dw>**2) * np.sum(<eb>)",
           "<dw> * <ew> + np.sum(<eb>)", "np.sum(w**2) + np.sum(<dw> * <ew>)",
           "np.sum(<db>) + np.sum(<dw>**3)"]


def forms(table):
    return [form.replace("\\n", "\n") for line in table.strip().splitlines() for form in line.split(" | ")]


def program(seed):
    """The program of a number."""
    rng = random.Random(f"containers {seed}")
    for _ in range(TRIES):
        found = _written(rng, seed)
        if found is not None:
            return found
    raise ValueError("nothing could be written")


def _written(rng, seed):
    kind = rng.choice(list(PLACES))
    w, b = PLACES[kind]
    statements = [f"w = {w.format('d')}"] if rng.randrange(2) else []
    statements.append(rng.choice(forms(SECOND[kind])))
    for _ in range(rng.choice([2, 3, 3, 4])):
        n, m = rng.choice(["de", "ed"])
        slots = {"W": w.format(n), "B": b.format(n), "V": w.format(m), "N": n,
                 "Wc": w.format("c"), "Bc": b.format("c")}
        statements.append(_filled(rng.choice(forms(ANY) + 2 * forms(OWN[kind])), slots))
    last = {"dw": w.format("d"), "ew": w.format("e"), "db": b.format("d"), "eb": b.format("e")}
    lines = "\n".join([*statements, f"return {_filled(rng.choice(RESULTS), last)}"]).split("\n")
    text = "def f(d, s):\n" + "".join(f"    {line}\n" for line in lines)
    text = CLASS + text if kind == "namespace" else text
    held = Parameter("d", [(3,), (2,)], "d", "C", (-2.0, 2.0), 16 * seed)
    places = [Container(held, kind), Parameter("s", [(), ()], "d", "C", (0.3, 2.0), 16 * seed + 5)]
    found = Program(text, places, rng.choice(["s", "d", ("d", "s"), ("d", "s")]), seed)
    try:
        with np.errstate(all="ignore"):
            values = [found.function(*found.arguments(again)) for again in (False, True)]
        return found if all(np.all(np.abs(value) < LARGEST) for value in values) else None
    except Exception:
        return None


def _filled(form, slots):
    for name, text in slots.items():
        form = form.replace(f"<{name}>", text)
    return form


__all__ = ["SAMPLE", "outcome", "program", "shrunk"]
