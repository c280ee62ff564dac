"""Statements as people write them around NumPy: texts with slots.

Slots in angle brackets: <new> a name to bind, <e> an expression, <num> a number, <arr> <vec> <mat> an array
that may be stored into, <any> one that is read, <seq> a list, <map> a dict, <obj> an object of one of the
classes, <i> an index, <val> what is stored, <cond> a condition, <c> a constant.

>>> "<new> = <e>" in FORMS["bind"]
True
"""

BIND = r"""
<new> = <e>
<new> = <e>
<new> = <e>
<new> = <num>
<new>: float = <num>
<new> = <e>  # intermediate
<new> = <old> = <e>
<new>, <new2> = <e>, <num>
(<new>, <new2>) = (<e>, <e>)
[<new>, <new2>] = [<num>, <e>]
<name> = <e>
<name> = <name> * <c>
<num1> += <num>
<num1> -= <c> * <num>
<num1> *= <c>
<num1> /= <c> + 1
<num1> **= 2
<new> = <num>\n<new> += <num>
<new> = 0.0\nfor i in range(len(<any>)):\n    <new> += np.sum(<any>[i]) * (i + 1)
<new> = <num> if <cond> else <num>
<new> = <e> if <cond> else <c>
<new> = <arr>.copy()
<new> = np.zeros_like(<any>)
<new> = np.empty_like(<any>)\n<new>[...] = <any>
<new> = np.zeros(len(<any>))
<new> = np.zeros((len(<any>), 2))
<new> = np.ones_like(<any>) * <num>
<new> = np.full(<any>.shape, <num>)
<new> = np.array(<any>)
<new> = np.array([<num>, <num>, <c>])
<new> = np.arange(len(<any>)) * <num>
<new> = float(<num>)
<new> = lambda t: t * <num> + <c>\n<new2> = <new>(<e>)
<new> = lambda t, k=<c>: np.sin(k * t)\n<new2> = <new>(<e>) + <new>(<num>, 0.5)
assert np.all(np.isfinite(<any>))
if <any>.ndim > 4:\n    raise ValueError('too many axes')
if not isinstance(<any>, np.ndarray):\n    raise TypeError('an array is needed')
with np.errstate(all='ignore'):\n    <new> = <e>
del <name>
pass
<new> = None\nif <new> is None:\n    <new> = <e>
<new> = np.random.default_rng(0).normal(size=<any>.shape) * <any>
<new>, <new2> = <any>.sum(), <any>.mean()
<new>, <new2> = <any>, <any>
<name>, <name2> = <name2>, <name>
<new>, <new2> = divmod(<num>, <c>)
<new>, *<new2> = <any>
*<new>, <new2> = <any>
<new>, <new2> = np.split(<any>, [1])
<new>, <new2> = <any>.shape[0], <any>.size\n<new> = <any> / <new2> + <new>
<new> = <any>.shape\n<new2> = np.zeros(<new>) + <num>
(<new> := <e>)
<new> = (<new2> := <num>) * 2 + <new2>
if (<new> := <num>) > 0:\n    <new> = <new> * <c>
while (<new> := <num>) > 100.0:\n    break
"""
ALIAS = r"""
<new> = <arr>
<new> = <arr>[1:]
<new> = <arr>[0]
<new> = <arr>[-1]
<new> = <arr>[::2]
<new> = <arr>[::-1]
<new> = <arr>.T
<new> = <arr>.reshape(-1)
<new> = <arr>.ravel()
<new> = <arr>[:]
<new> = <arr>[...]
<new> = <arr>[None]
<new> = <arr>[..., None]
<new> = np.asarray(<arr>)
<new> = np.atleast_2d(<arr>)
<new> = np.squeeze(<arr>)
<new> = <mat>[:, 0]
<new> = <mat>[:, 1:]
<new> = np.transpose(<mat>)
<new> = <mat>[0][1:]
<new> = np.swapaxes(<mat>, 0, 1)
<new> = <arr>.view()
<new>, <new2> = <arr>[:1], <arr>[1:]
<new> = np.flip(<arr>)
<new> = <arr> if <cond> else <arr>
<new> = [<arr>, <arr>]
<new> = {'a': <arr>, 'b': <any>}
<new> = np.ascontiguousarray(<arr>)
<new> = <arr>.astype(float, copy=False)
<new> = np.array(<arr>, copy=False, subok=True) if False else <arr>
<new> = np.split(<arr>, 1)[0]
<new> = np.array_split(<arr>, 2)[0]
<new> = np.moveaxis(<mat>, 0, -1)
<new> = <mat>[np.newaxis, :, 0]
<new> = <arr>.reshape(<arr>.shape)
<new> = <arr>.squeeze()
"""
STORE = r"""
<arr>[<i>] = <val>
<arr>[<i>] = <val>
<arr>[<i>] = <val>
<arr>[<i>] += <val>
<arr>[<i>] += <val>
<arr>[<i>] -= <val>
<arr>[<i>] *= <val>
<arr>[<i>] /= 1 + <val>**2
<arr>[<i>] **= 2
<arr> += <val>
<arr> -= <val>
<arr> *= <val>
<arr> *= <c>
<arr> /= <c>
<arr> **= 2
<arr> %= 2.5
<arr>[...] = <val>
<arr>[:] = <val>
<arr>[0] = <num>
<arr>[-1] += <num>
<arr>[<arr> > 0] = 0
<arr>[<arr> > <c>] = <c>
<arr>[<arr> < 0] *= 0.1
<arr>[np.abs(<arr>) > 1] -= <num>
<arr>[~(<arr> > 0)] = <num>
<vec>[1:] = <vec>[:-1]
<vec>[1:] -= <vec>[:-1]
<vec>[1:] += <vec>[:-1]
<vec>[:-1] *= <vec>[1:]
<vec>[::-1] = <vec>
<vec>[:] = <vec>[::-1]
<arr>[::2] = <val>
<arr>[1::2] += <val>
<arr>[<arr>.argmax()] = <num>
<vec>[np.argsort(<vec>)] = <vec>
<vec>[[0, 0]] += <num>
<vec>[[0, -1]] = <vec>[[-1, 0]]
<vec>[0], <vec>[-1] = <vec>[-1], <vec>[0]
<mat>[0], <mat>[-1] = <mat>[-1], <mat>[0]
<mat>[[0, -1]] = <mat>[[-1, 0]]
<mat>[:, 0] = <val>
<mat>[:, 0] += <val>
<mat>[0, :] *= <val>
<mat>[0][0] = <num>
<mat>[1:][0] = <val>
<mat>[:, 1:] -= <mat>[:, :-1]
<mat>.T[0] = <num>
<mat>.T[0] += <val>
<mat>.reshape(-1)[0] = <num>
<mat>[np.arange(len(<mat>)), 0] += <val>
<mat>[np.arange(len(<mat>)), 0] = <num>
<mat>[np.diag_indices(len(<mat>))] = <num>
<mat>[0, 0], <mat>[0, 1] = <mat>[0, 1], <mat>[0, 0]
<mat>[-1] = <mat>[0]
<mat> @= np.eye(<mat>.shape[1]) * <c>
np.add.at(<vec>, [0, 0], <num>)
np.add.at(<arr>, 0, <val>)
np.subtract.at(<vec>, [0], <num>)
np.copyto(<arr>, <val>)
np.copyto(<arr>, <val>, where=<arr> > 0)
np.fill_diagonal(<mat>, <num>)
<arr>.fill(<num>)
<arr>.flat[0] = <num>
np.put(<arr>, [0], <num>)
np.putmask(<arr>, <arr> > 0, <num>)
np.place(<arr>, <arr> > 0, [<num>])
np.add(<arr>, <val>, out=<arr>)
np.multiply(<arr>, <val>, <arr>)
np.exp(<arr> / 4, out=<arr>)
np.maximum(<arr>, 0, out=<arr>)
np.clip(<arr>, -1, 1, out=<arr>)
np.negative(<arr>, out=<arr>)
np.tanh(<arr>, out=<arr>, where=<arr> > 0)
np.add(<vec>[1:], <vec>[:-1], out=<vec>[1:])
np.cumsum(<vec>, out=<vec>)
<arr>.sort()
<vec>.sort()
<arr>.clip(-1, 1, out=<arr>)
<arr>.itemset(0, <num>)
<arr>[<i>], <arr>[<i>] = <val>, <val>
<arr>[<i>] = <new> = <val>
<new> = <arr>[<i>] = <val>
<arr>[()] = <val>
<arr>[..., 0] = <val>
<arr>[..., -1] += <val>
<arr>[<i>][...] = <val>
<arr>[len(<arr>) // 2:] = <num>
<arr>[slice(1, None)] *= <c>
np.take(<arr>, 0, axis=0)[...] = <num>
for row in <mat>:\n    row *= <num>
for row in <mat>:\n    row[0] += <num>
for row in <arr>:\n    row += <num>
for i in range(len(<arr>)):\n    <arr>[i] = <arr>[i] * <num>
for i in range(1, len(<arr>)):\n    <arr>[i] += <c> * <arr>[i - 1]
for i in range(1, len(<arr>)):\n    <arr>[i] = np.sin(<arr>[i - 1]) + <arr>[i]
for i in reversed(range(len(<arr>) - 1)):\n    <arr>[i] -= <c> * <arr>[i + 1]
for i, t in enumerate(<arr>):\n    <arr>[i] = t * t
for i in range(len(<arr>)):\n    if i % 2:\n        continue\n    <arr>[i] *= <num>
for i in range(<mat>.shape[0]):\n    for j in range(<mat>.shape[1]):\n        <mat>[i, j] *= i + <c> * j
for i in range(<mat>.shape[0]):\n    for j in range(i):\n        <mat>[i, j] = <mat>[i, j] * <num>
for row, t in zip(<mat>, <any>):\n    row += t
"""
CONTAINER = r"""
<new> = [<e>, <e>]
<new> = [<num>, <num>, <num>]
<new> = []
<new> = [<c>] * 3
<new> = list(<any>)
<new> = <any>.tolist()
<new> = (<e>, <num>)
<new> = (<arr>, (<any>, <num>))
<new> = {'w': <e>, 'b': <num>}
<new> = dict(w=<any>, b=<num>)
<new> = {}
<new> = {0: <any>, 1: <num>}
<new> = [[<num>, <c>], [<num>, <num>]]
<new> = {'a': [<any>, <num>], 'b': {'c': <e>}}
<seq>.append(<e>)
<seq>.append(<num>)
<seq> += [<num>]
<seq>[0] = <num>
<seq>[-1] = <e>
<seq>[0] += <num>
<seq>[0] *= <c>
<seq>.extend([<num>, <e>])
<seq>.insert(0, <num>)
<seq>.insert(1, <e>)
<new> = <seq>.pop()
<new> = <seq>.pop(0)
del <seq>[0]
<seq>.reverse()
<seq>.sort()
<seq>.clear()
<seq>[:] = [<num>, <num>]
<seq>[1:] = [<num>]
<new> = <seq>[::-1]
<new> = <seq> + [<num>]
<new> = <seq>[:]
<new> = <seq>.copy()
<new> = <seq>
<new>, *<new2> = <seq>
<new>, <new2> = <seq>[0], <seq>[-1]
<new> = sum(<seq>)
<new> = np.array(<seq>)
<new> = np.stack(<seq>)
<new> = np.concatenate([np.atleast_1d(t) for t in <seq>])
<new> = max(<seq>)
<new> = sorted(<seq>)
<new> = len(<seq>) * <num>
<seq>[0], <seq>[-1] = <seq>[-1], <seq>[0]
<seq>[0][0] = <num>
<seq>[0][...] = <num>
<seq>[-1] += <any>
<new> = [t * <c> for t in <seq>]
<new> = [np.sum(t) for t in <seq>]
<new> = sum(np.sum(t**2) for t in <seq>)
<new> = [a * b for a, b in zip(<seq>, <seq>)]
<new> = [t for t in <seq> if np.sum(t) > 0]
<new> = [t if i else -t for i, t in enumerate(<seq>)]
<new> = [np.sin(t) for t in <any>]
<new> = np.array([t * i for i, t in enumerate(<any>)])
<new> = np.array([<any>[i] * <num> for i in range(len(<any>))])
<new> = [[a * b for a in <any>] for b in <any>]
<new> = sum(t * t for t in <any>)
<new> = {i: t * <c> for i, t in enumerate(<any>)}
<new> = {k: np.sum(t) for k, t in zip('abc', <any>)}
<new> = list(map(lambda t: t * <num>, <any>))
<new> = list(zip(<any>, <any>))
<new> = [t for t in <any> if np.sum(t) > 0]
<new> = tuple(t * 2 for t in <any>)
for t in <seq>:\n    <new> = np.sum(t)
for i, t in enumerate(<seq>):\n    <seq>[i] = t * <c>
for i in range(len(<seq>)):\n    <seq>[i] = <seq>[i] + <num>
for t in <seq>:\n    t *= <c>
for a, b in zip(<seq>, <seq>):\n    <new> = np.sum(a) * np.sum(b)
while len(<seq>) > 1:\n    <new> = <seq>.pop()
<map>['w'] = <e>
<map>['w'] = <num>
<map>['b'] += <num>
<map>['w'] *= <c>
<map>['w'] += <any>
<map>['w'][0] = <num>
<map>['w'][...] = <num>
<map>['new'] = <num>
<map>.update(b=<num>)
<map>.update({'w': <e>})
<new> = <map>.get('w', 0.0)
<new> = <map>.get('nothing', <c>) * <num>
<new> = <map>.pop('b')
<new> = <map>.setdefault('w', <num>)
<map>.setdefault('q', []).append(<num>)
del <map>['b']
<new> = <map>['w'] * <map>['b']
<new> = <map>['w']
<new> = {**<map>, 'c': <num>}
<new> = <map> | {'b': <num>}
<new> = dict(<map>)
<new> = <map>.copy()
<new> = {k: t * <c> for k, t in <map>.items()}
<new> = {k: np.sum(t) for k, t in <map>.items() if k != 'b'}
<new> = sum(np.sum(t) for t in <map>.values())
<new> = list(<map>.values())
<new> = np.sum([np.sum(t) for t in <map>.values()])
for k in <map>:\n    <map>[k] = <map>[k] * <c>
for k, t in <map>.items():\n    <map>[k] = t + <num>
for k in sorted(<map>):\n    <new> = <map>[k] * 2
<new> = 0.0\nfor k, t in <map>.items():\n    if k == 'b':\n        continue\n    <new> += np.sum(t)
<new> = 'w' in <map> and np.sum(<map>['w']) or <num>
<new>, <new2> = <map>['w'], <map>['b']
<new>, <new2> = <map>.values()
for (k, t), s in zip(<map>.items(), <any>):\n    <new> = np.sum(t) * s
<map>['w'], <map>['b'] = <map>['b'], <map>['w']
<new> = <tup>[0] * <c>
<new>, <new2> = <tup>
(<new>, <new2>) = <tup>
<new>, *<new2> = <tup>
<new> = <tup> + (<num>,)
<new> = [*<tup>, <num>]
<new> = <tup>[::-1]
"""
OBJECT = r"""
<new> = <obj>.w * <obj>.b
<new> = <obj>.w
<new> = <obj>.predict(<any>)
<new> = <obj>.predict(<e>) + <obj>.predict(<num>)
<new> = <obj>.predict(t=<any>)
<obj>.b = <num>
<obj>.b += <num>
<obj>.w = <e>
<obj>.w = <obj>.w * <c>
<obj>.w *= <c>
<obj>.w += <num>
<obj>.w[0] = <num>
<obj>.w[...] = <num>
<obj>.w[<obj>.w > 0] *= <c>
<obj>.extra = <e>
<new> = <obj>.total * <num>
<new> = <obj>(<any>)
<new> = <obj>.forward(<any>)
<obj>.forward(<any>)
<new> = sum(np.sum(t) for t in <obj>.history)
<new> = <obj>[0] * len(<obj>)
<new> = <obj>.squared(<any>)
<new> = <obj>.reset()
<new> = <obj>
<new> = <obj>._replace(b=<num>)
<new> = replace(<obj>, b=<num>)
<new>, <new2> = <obj>
<new> = getattr(<obj>, 'b') * <num>
setattr(<obj>, 'b', <num>)
<new> = vars(<obj>)['b'] + <num>
<new> = <obj>.b if hasattr(<obj>, 'b') else <num>
for t in <any>:\n    <obj>.b = <obj>.b + np.sum(t)
for t in <any>:\n    <obj>.predict(t)
<new> = [<obj>, <obj>][0].predict(<any>)
<new> = np.array([<obj>.predict(t) for t in <any>])
"""
DEFINED = r"""
def <fn>(t):\n    return t * <num> + <c>\n<new> = <fn>(<e>)
def <fn>(t, k=<c>):\n    return np.sin(k * t)\n<new> = <fn>(<any>) + <fn>(<num>, k=2)
def <fn>(t):\n    s = np.sum(t)\n    return s * <name>\n<new> = <fn>(<any>)
def <fn>():\n    return <name> * 2\n<new> = <fn>()
def <fn>():\n    return <name> * 2\n<name> = <num>\n<new> = <fn>()
def <fn>(t):\n    t[0] = <num>\n<fn>(<arr>)
def <fn>(t):\n    t *= <c>\n    return t\n<new> = <fn>(<arr>)
def <fn>(n):\n    if n <= 0:\n        return <num>\n    return <fn>(n - 1) * <c>\n<new> = <fn>(3)
<new> = <num>\ndef <fn>(t):\n    nonlocal <new>\n    <new> = <new> + np.sum(t)\n<fn>(<any>)\n<fn>(<any>)
def <fn>(k):\n    def inner(t):\n        return t * k\n    return inner\n<new> = <fn>(<num>)(<any>)
def <fn>(*parts, scale=1.0):\n    return sum(np.sum(p) for p in parts) * scale\n<new> = <fn>(<any>, <num>, scale=<c>)
def <fn>(**parts):\n    return sum(np.sum(p) for p in parts.values())\n<new> = <fn>(a=<any>, b=<num>)
def <fn>(a, /, b, *, c=2.0):\n    return a * b + c\n<new> = <fn>(<any>, b=<num>, c=<c>)
def <fn>(t):\n    return t, np.sum(t)\n<new>, <new2> = <fn>(<any>)
def <fn>(t):\n    return {'w': t, 'b': np.mean(t)}\n<new> = <fn>(<any>)['b']
def <fn>(t):\n    for i in range(len(t)):\n        if np.sum(t[i]) > 0:\n            return t[i]\n    return t[0]\n<new> = <fn>(<any>)
def <fn>(t):\n    for v in t:\n        yield v * 2\n<new> = sum(<fn>(<any>))
<new> = functools.reduce(lambda a, b: a * <c> + b, <any>)
<new> = functools.partial(np.multiply, <c>)(<any>)
<new> = list(itertools.accumulate(<any>))
<fns> = [np.sin, np.tanh, lambda t: t**2]\nfor <fn> in <fns>:\n    <name> = <fn>(<name>)
<fns> = {'relu': lambda t: np.maximum(t, 0), 'id': lambda t: t}\n<new> = <fns>['relu'](<any>)
def <fn>(t, out=None):\n    if out is None:\n        out = np.zeros_like(t)\n    out[...] = t * <num>\n    return out\n<new> = <fn>(<any>)
def <fn>(t, out=None):\n    if out is None:\n        out = np.zeros_like(t)\n    out += t\n    return out\n<new> = <fn>(<any>, out=<arr>)
def <fn>(a, b):\n    a = a * b\n    b = a + b\n    return b\n<new> = <fn>(<any>, <num>)
def <fn>(t):\n    view = t[1:]\n    view *= <c>\n    return np.sum(t)\n<new> = <fn>(<arr>)
def <fn>(t):\n    return t[::-1]\n<new> = <fn>(<arr>)\n<arr>[0] = <num>
"""
INDICES = r"""
0 | -1 | 1 | 1: | :-1 | ::2 | ::-1 | :2 | : | ... | ..., 0 | :, 0 | :, 1: | 0, : | -1, -1 | 1:, 0 | [0, -1]
[0] | None, 0 | i | i, 0 | ..., i | i - 1 | i + 1 | -1 - i | i: | :i | i % 2 | idx | idx[0] | :, idx | j
i, j | j, i | {t} > 0 | {t} < {c} | np.abs({t}) > 0.5 | len({t}) // 2 | np.argmax({t}) | 0, 0 | ::2, 0
..., ::-1 | [0, 1] | [[0], [-1]]
"""
CONDITIONS = r"""
np.sum({x}) > 0 | {x}.sum() < {c} | np.mean({x}) > {c} | len({x}) > 2 | {x}.shape[0] == 3 | np.any({x} > 1)
np.all({x} > -1) | {x}.max() > 1 | {x}.ndim == 2 | {x}.size > 4 | not np.any({x} < 0)
np.sum({x}) > 0 and len({x}) > 1 | {x}[0] > 0 | {x}[-1] < {c} | {x} > 0 | {x} < {c} | 0 < {x} < 1
abs({x}) > {c} | {x} > 0 or {x} < -1 | i > 0 | i % 2 == 0 | i == 1 | i != 0 | i >= 2
np.linalg.norm({x}) > 1 | float({x}) > {c} | {x} is None | isinstance({x}, float) | True | len({x}) % 2
{x}.shape[-1] > 1 | np.max(np.abs({x})) > {c}
"""
LOOPS = r"""
for i in range(len(<any>)): | for i in range(len(<any>)): | for i in range(3):
for i in range(1, len(<any>)): | for i in reversed(range(len(<any>))): | for i in range(0, len(<any>), 2):
for i in range(len(<any>) - 1, -1, -1): | for t in <any>: | for i, t in enumerate(<any>):
for t, s in zip(<any>, <any2>): | for row in <mat>: | for t in <seq>: | for k, t in <map>.items():
for j in range(i): | for j in range(<mat>.shape[1]): | for _ in range(2):
for i, (t, s) in enumerate(zip(<any>, <any2>)): | for t in (<any>, <any2>): | for i in [0, 1]:
for t in <any>.T: | for i in np.arange(len(<any>)): | for i in idx: | for i in range(n):
for i in range(<any>.shape[0]): | for row in reversed(<mat>): | for i, j in [(0, 0), (-1, 0)]:
for t in <any>[1:]: | for t in [<num>, <num>]: | for i in range(len(<seq>)):
for i in range(min(len(<any>), 2)):
"""
WHILES = r"""
<n> = 0\nwhile <n> < 3:\n    <n> += 1
<n> = len(<any>)\nwhile <n> > 0:\n    <n> -= 1
<n> = 0\nwhile np.sum(<any>) < 20 and <n> < 4:\n    <n> += 1
<n> = 0\nwhile True:\n    <n> += 1\n    if <n> > 2:\n        break
<n> = 0\nwhile <n> < len(<any>) and <cond>:\n    <n> += 1
"""
TABLES = {"bind": BIND, "alias": ALIAS, "store": STORE, "container": CONTAINER, "object": OBJECT,
          "defined": DEFINED, "while": WHILES}
FORMS = {name: [line.replace("\\n", "\n") for line in table.strip().splitlines()]
         for name, table in TABLES.items()}
FORMS |= {name: [part for line in table.strip().splitlines() for part in line.split(" | ")]
          for name, table in {"index": INDICES, "condition": CONDITIONS, "for": LOOPS}.items()}
