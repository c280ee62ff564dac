"""What is outside of a function: a store into it is seen wherever Python shows it, within the call, and leaves it as it was; or it is refused.

Each program is run in names of its own; the differences are those of the program run in new ones every time.
"""
import copy
import itertools
import linecache
import math

import numpy as np
import pytest
from differences import numeric_gradient

from revad import CallError, UnsupportedError, grad, value_and_grad

SETUP = """
import functools, math
from dataclasses import dataclass, field
import numpy as np

buf = np.array([0.5, -1.0, 2.0])
same = buf
part = buf[1:]
items = [1.5, 2.0, np.array([1.0, 2.0, 3.0])]
table = {"a": np.array([1.0, -2.0, 0.5]), "n": 2.0, "inner": {"k": [3.0, 4.0]}}
pair = (buf, 2.0)

class Box:
    shared = np.array([3.0, 1.0, -1.0])
    steps, seen = 2.0, [1.0]
    def __init__(self):
        self.a, self.k, self.log = np.array([1.0, 4.0, 2.0]), 3.0, []
    def put(self, x):
        self.a[:] = x * self.k
        self.shared[0] += x[0]
        self.log.append(x[1])
        return self.a * self.shared
    def scaled(self, x):
        return x * self.k

box = box2 = Box()
scaled = box.scaled
"""
X = np.array([0.7, 1.3, -0.4])
_number = itertools.count()


def names(text):
    """The names that a program gives, in a module of its own."""
    file = f"<outside {next(_number)}>"
    text = SETUP + text
    linecache.cache[file] = (len(text), None, text.splitlines(True), file)
    namespace = {"__name__": "outside"}
    exec(compile(text, file, "exec"), namespace)
    return namespace


def state(namespace):
    """A copy of all that is outside of the function."""
    kept = {name: value for name, value in namespace.items() if isinstance(value, (np.ndarray, list, dict, tuple, float)) and name != "__builtins__"}
    for cls in (value for value in namespace.values() if isinstance(value, type) and value.__module__ == "outside"):
        kept[cls] = {name: value for name, value in vars(cls).items() if isinstance(value, (np.ndarray, list, float, int)) and name[0] != "_"}
    kept["box"] = vars(namespace["box"])
    for name, value in namespace.items():
        if hasattr(value, "__defaults__"):
            kept[name] = [value.__defaults__, value.__closure__ and [cell.cell_contents for cell in value.__closure__
                                                                     if isinstance(cell.cell_contents, (np.ndarray, list, dict))]]
    return copy.deepcopy(kept)


def equal(a, b):
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(equal(a[key], b[key]) for key in a)
    if isinstance(a, (list, tuple)):
        return len(a) == len(b) and all(map(equal, a, b))
    if type(a).__module__ == "outside":
        return type(a) is type(b) and equal(vars(a), vars(b))
    return a.tobytes() == b.tobytes() and a.dtype == b.dtype if isinstance(a, np.ndarray) else a is b or a == b


def assert_followed(text):
    namespace = names(text)
    f, before = namespace["f"], state(namespace)
    expected = numeric_gradient(lambda x: names(text)["f"](x), (X,))
    np.testing.assert_allclose(grad(f)(X), expected, rtol=1e-6, atol=1e-8)
    assert equal(before, state(namespace))
    value, found = value_and_grad(f)(X)
    np.testing.assert_allclose(value, names(text)["f"](X))
    np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-8)
    out, cache = grad(f).forward(X)
    assert equal(before, state(namespace))


def indented(text, by=4):
    return "".join(" " * by + line + "\n" for line in text.splitlines())


ARRAYS = {
    "all of it": "{t}[:] = x",
    "an element": "{t}[0] = x[0] * {t}[1]",
    "added": "{t}[1:] += x[1:]",
    "multiplied": "{t}[...] *= x",
    "by another name": "b = {t}\nb -= x",
    "divided by a name": "b = {t}\nb[1:] /= x[0]",
    "out=": "np.multiply(x, x, out={t})",
    "out by position": "np.add({t}, x, {t})",
    "copyto": "np.copyto({t}, x * x)",
    "add.at": "np.add.at({t}, [0, 0], x[:2])",
    "fill": "{t}.fill(x[0])",
    "a mask": "{t}[{t} > 0.6] = x[0]",
    "sorted": "{t}[:] = x\n{t}.sort()",
    "put": "np.put({t}, [0, 2], x[:2])",
    "a view": "v = {t}[::-1]\nv[:2] = x[:2]",
    "a loop": "for i in range(3):\n    {t}[i] = x[i] * {t}[i - 1]",
    "while": "i = 0\nwhile i < 3:\n    {t}[i] += x[i]\n    i += 1",
    "one side": "if x[0] > 0:\n    {t}[0] = x[1]",
    "both sides": "if x[0] < 0:\n    {t}[0] = x[1]\nelse:\n    {t}[:] = x * 2",
    "twice": "{t}[:] = x\n{t}[:] *= {t}",
    "in a nested function": "def put(v):\n    {t}[:] = v\nput(x * 3)",
    "chosen": "q = {t} if len(x) == 3 else None\nq[0] = x[2]",
}
PLACES = ["buf", "same", "table['a']", "items[2]", "box.a", "box2.a", "Box.shared", "box.shared", "pair[0]"]
READS = {"buf": "same", "same": "buf", "box.a": "box2.a", "box2.a": "box.a", "Box.shared": "box.shared",
         "box.shared": "Box.shared"}
WHERE = [
    "def f(x):\n{body}    return np.sum({r} * x * x) + np.sum({r}**2)\n",
    "def put(x):\n{body}    return x\ndef f(x):\n    y = put(x)\n    return np.sum({r} * y * x) + {r}[1]\n",
    "def read(y):\n    z = {r} * y\n    return z * z\ndef f(x):\n"
    "{body}    return np.sum(read(x)) + np.sum(read(2 * x))\n",
    "class Net:\n    def step(self, x):\n    {body4}        return np.sum({r} * x)\nnet = Net()\n"
    "def f(x):\n    return net.step(x) + net.step(x * x)\n",
]


@pytest.mark.parametrize("number, what", list(enumerate(ARRAYS)), ids=list(ARRAYS))
def test_stores_into_arrays_outside(number, what):
    for shift in (0, 2, 5):
        place = PLACES[(number + shift * 2) % len(PLACES)]
        body = ARRAYS[what].format(t=place)
        text = WHERE[(number + shift) % len(WHERE)]
        assert_followed(text.format(body=indented(body),
                                    body4=indented(body).replace("\n", "\n    ").rstrip(" "),
                                    r=READS.get(place, place)))


CONTAINERS = {
    "element of a list": "items[0] = x[0]\nreturn items[0] * items[1] * x[1]",
    "elements change places": "items[0], items[1] = items[1], x[0]\nreturn items[0] + items[1] * x[2]",
    "added to an element": "items[0] += x[0]\nreturn items[0] ** 2",
    "append": "items.append(x[0])\nreturn items[-1] * len(items) * items[0]",
    "extend, insert, pop": "items.extend([x[1], 2.0])\nitems.insert(0, x[2])\nv = items.pop(1)\n"
                           "return items[0] * items[-2] * v",
    "+=": "them = items\nthem += [x[0]]\nreturn items[3] * len(items)",
    "del": "del items[0]\nreturn items[0] * x[0]",
    "reverse and clear": "items.reverse()\ny = items[1] * x[0]\nitems.clear()\nreturn y + len(items)",
    "element of a dict": "table['a'] = x * table['n']\nreturn np.sum(table['a'] ** 2)",
    "new element of a dict": "table['new'] = x\nreturn np.sum(table['new'] ** 2) * len(table)",
    "update, setdefault, pop": "table.update(n=x[0])\ntable.setdefault('c', x[1])\ntable.pop('a')\n"
                               "return table['n'] * table['c'] * len(table)",
    "a dict in a dict": "table['inner']['k'][0] = x[0]\nreturn sum(table['inner']['k']) * x[1]",
    "get": "if table.get('z') is None:\n    table['z'] = x * x\nreturn np.sum(table.get('z'))",
    "a cache of a helper": "def square(k):\n    if k not in table:\n        table[k] = x[0] ** 2\n"
                           "    return table[k]\nreturn square('z') + square('z')",
    "a counter": "table['n'] += 1\nreturn np.sum(x) * table['n']",
    "attribute of an object": "box.k = x[0]\nreturn box2.k * x[1] + np.sum(scaled(x)) + box.scaled(x)[1]",
    "counted in an object": "box.k += 1\nreturn np.sum(box.scaled(x) * box2.k)",
    "a method that stores": "y = box.put(x)\nz = box2.put(y)\n"
                            "return np.sum(z * box.a) * sum(box.log) * Box.shared[0]",
    "list of a class": "box.seen.append(x[0])\nreturn sum(Box.seen) ** 2",
    "condition": "buf[:] = x\nok = 0 < buf[0] < 1\nassert 0 < same[1] < 2, f'{buf}'\n"
                 "return np.sum(buf ** 2) if ok else 0.0",
    "comprehension": "buf[:] = x\nreturn sum([buf[i] * same[i - 1] for i in range(3)])",
    "an alias from before": "b = buf\nc = b[1:]\nbuf[:] = x\nreturn np.sum(b ** 2) + np.sum(c)",
    "a list that holds it": "held = [buf, x]\nbuf[0] = x[1]\nreturn np.sum(held[0] * held[1])",
}


@pytest.mark.parametrize("what", CONTAINERS)
def test_stores_into_lists_dicts_and_objects_outside(what):
    assert_followed("def f(x):\n" + indented(CONTAINERS[what]))


WHOLE = {
    "a list as a default": "def h(v, acc=[]):\n    acc.append(v)\n    return sum(acc)\ndef f(x):\n"
                           "    return h(x[0]) * h(x[1])\n",
    "an array as a default": "def h(v, acc=np.zeros(3)):\n    acc += v\n    return np.sum(acc**2)\n"
                             "def f(x):\n    return h(x) + h(2 * x)\n",
    "a default by keyword": "def h(v, *, acc={'n': 1.0}):\n    acc['n'] = acc['n'] * v\n"
                            "    return acc['n']\ndef f(x):\n    return h(x[0]) * h(x[1])\n",
    "a closure": "def make():\n    b, c = np.zeros(3), [1.0]\n    def f(x):\n        b[:] = x * 2\n"
                 "        c[0] += x[0]\n        def inner(y):\n"
                 "            b[0] *= y\n            return np.sum(b) * c[0]\n"
                 "        return inner(x[1]) * b[0]\n    return f\nf = make()\n",
    "two closures of one": "def make():\n    b = np.zeros(3)\n    def put(v):\n        b[:] = v\n"
                           "    def get():\n        return b\n    return put, get\n"
                           "put, get = make()\ndef f(x):\n    put(x)\n    return np.sum(get() ** 2)\n",
    "a work buffer in a loop": "work = np.empty(3)\ndef f(x):\n    y = x\n    for _ in range(3):\n"
                               "        np.multiply(y, y, out=work)\n"
                               "        np.add(work, x, out=work)\n        y = work * 0.5\n"
                               "    return np.sum(y)\n",
    "a default of a field": "@dataclass\nclass P:\n    w: object\n"
                            "    acc: object = field(default_factory=lambda: np.zeros(3))\n"
                            "    log: list = field(default_factory=list)\n"
                            "def f(x):\n    p, q = P(x), P(2 * x)\n    p.acc[:] = x\n"
                            "    p.log.append(x)\n    q.acc[0] += x[1]\n"
                            "    return np.sum(p.acc * q.w + q.acc * p.w) * (1 + len(q.log) + len(p.log))\n",
}


@pytest.mark.parametrize("what", WHOLE)
def test_stores_into_defaults_and_closures(what):
    assert_followed(WHOLE[what])


SHARED = """
other = np.array([2.0, 1.0, -1.0])
holder = [buf]
def get():
    return buf
def pick(i):
    return holder[i]
def memo(n, kept={}):
    if n not in kept:
        kept[n] = np.ones(n)
    return kept[n]
class Pool:
    def __init__(self):
        self.kept = {}
    def buffer(self, n):
        if n not in self.kept:
            self.kept[n] = np.zeros(n)
        return self.kept[n]
pool = Pool()
holders = [box, Box()]
class Owner:
    def __init__(self):
        self.box = box
owner = Owner()
class Scaled:
    scale = np.ones(3)
    @classmethod
    def put(cls, x):
        cls.scale[:] = x
    @staticmethod
    def get():
        return Scaled.scale
"""
HANDED = {
    "what a helper returns": "a = get()\na[:] = x\nreturn np.sum(buf ** 2)",
    "a store into a call": "for i in range(3):\n    get()[i] = x[i]\nreturn np.sum(get() ** 2)",
    "a helper that chooses": "pick(0)[:] = x\nreturn np.sum(holder[0] ** 2)",
    "a view of it": "v = get()[1:]\nv[:] = x[1:]\nreturn np.sum(buf ** 2)",
    "memo in a default": "a = memo(3)\na[:] = x\nreturn np.sum(memo(3) ** 2)",
    "buffers of an object": "pool.buffer(3)[:] = x\nreturn np.sum(pool.buffer(3) * x)",
    "a name in a loop": "a = buf\nfor i in range(3):\n    a[i] = x[i]\nreturn np.sum(buf ** 2)",
    "a name that changes in a loop": "a, b = buf, other\nfor i in range(3):\n    a[i] += x[i] * 2\n"
                                     "    a, b = b, a\nreturn np.sum(buf ** 2) + np.sum(other)",
    "chosen while running": "a = buf if x[0] > 0 else other\na[0] = x[0]\nreturn np.sum(a ** 2)",
    "one after the other": "s = 0.0\nfor row in [buf, other]:\n    row[:] = x * 2\n"
                           "    s = s + np.sum(buf * x)\nreturn s + other[0]",
    "in every round": "s = 0.0\nfor i in range(3):\n    s = s + np.sum(buf * x)\n    buf[i] = x[i]\nreturn s",
    "class method": "Scaled.put(x)\nreturn np.sum(Scaled.get() ** 2 * Scaled().scale)",
    "an attribute over that of the class": "c = Scaled()\nc.scale = c.scale * x\nc.scale[0] = 0.0\n"
                                           "return np.sum(c.scale * Scaled.scale)",
    "in place over that of the class": "c = Scaled()\nc.scale *= x\nreturn np.sum(c.scale * Scaled.scale)",
    "a generator": "def g():\n    for i in range(3):\n        yield buf[i] * x[i]\nbuf[:] = x\n"
                   "return sum(g())",
    "a lambda": "get2 = lambda: buf\nget2()[:] = x\nreturn np.sum(get2() ** 2)",
    "an object in a list": "holders[0].k = x[0]\nreturn box.k * x[1] + holders[0].k",
    "arrays of objects in a list": "for one in holders:\n    one.a[:] = x\nreturn np.sum(box.a * x)",
    "an object in an object": "owner.box.a = x * 2\nowner.box.shared[0] = x[0]\n"
                              "return np.sum(box.a * x * Box.shared)",
    "an object by three ways": "owner.box.a[0] = x[0]\nholders[0].a[1] = x[1]\nbox.a[2] = x[2]\n"
                               "return np.sum(box.a * x)",
    "a dict of one": "d = {'k': buf}\nd['k'][:] = x\nreturn np.sum(buf ** 2)",
    "early return": "if x[0] < 0:\n    buf[:] = x\n    return np.sum(buf)\nbuf[0] = x[1]\n"
                    "return np.sum(buf * x)",
}


@pytest.mark.parametrize("what", HANDED)
def test_stores_into_what_is_handed_on(what):
    assert_followed(SHARED + "def f(x):\n" + indented(HANDED[what]))


@pytest.mark.parametrize("body, parameters, give", [
    ("buf[:] = 2 * x\nreturn np.sum(x * buf)", "x", lambda names: (names["buf"],)),
    ("n.k = x[0]\nreturn box.k * x[1]", "n, x", lambda names: (names["box"], X)),
    ("n.k = x[0]\nreturn m.k * x[1]", "n, m, x", lambda names: (names["Box"](),) * 2 + (X,)),
    ("n.a[:] = x\nreturn np.sum(box.a * x)", "n, x", lambda names: (names["box"], X)),
])
def test_an_argument_that_is_the_thing_stored_into_is_refused(body, parameters, give):
    namespace = names(f"def f({parameters}):\n" + indented(body))
    with pytest.raises(CallError, match="pass a copy"):
        grad(namespace["f"], wrt="x")(*give(namespace))


@pytest.mark.parametrize("body, reason", [
    ("part[0] = x[0]\nreturn np.sum(buf * x)", "may share its memory"),
    ("buf[0] = x[0]\nreturn np.sum(pair[0] * x)", "may share its memory"),
    ("a = buf if x[0] > 0 else x * 1.0\na[0] = x[0]\nreturn np.sum(buf ** 2)", "may share its memory"),
    ("a = [*items][2]\na[:] = x\nreturn np.sum(items[2])", "may share its memory"),
    ("@functools.lru_cache\ndef kept(n):\n    return np.zeros(n)\na = kept(3)\na[:] = x\n"
     "return np.sum(kept(3))", "decorated"),
    ("Box.steps = x[0]\nreturn Box.steps * x[1]", "its object is not known"),
    ("[items.append(v) for v in x]\nreturn sum(items)", "call whose result is not used"),
    ("np.random.shuffle(items)\nreturn x[0]", "draws|call whose result"),
    ("box.__dict__['k'] = x[0]\nreturn box.k * x[1]", "dict|attribute"),
    ("vars(box)['k'] = x[0]\nreturn box.k * x[1]", "store into a subscript"),
    ("del box.k\nreturn np.sum(x)", "lose their attributes"),
])
def test_stores_that_are_refused(body, reason):
    namespace = names("def f(x):\n" + indented(body))
    before = state(namespace)
    with pytest.raises(UnsupportedError, match=reason):
        grad(namespace["f"])(X)
    assert equal(before, state(namespace))
