"""Passages of Python that ask what a value is, and of its less common syntax, with the slots of `python_forms.py`.

>>> "<any>" in SYNTAX[0]
True
"""

ASKED = r"""
<new> = <any> * 2 if isinstance(<any>, np.ndarray) else <num>
===
<new> = <num>
if isinstance(<new>, (float, int, np.floating)):
    <new> = <new> * <c>
===
<new> = float(<num>) if not isinstance(<num>, float) else <num>
===
<new> = <num>
if type(<new>) is float:
    <new> = <new> + 1
elif type(<new>) in (np.float64, np.float32):
    <new> = <new> - 1
===
<new> = <any>.mean() if hasattr(<any>, 'mean') else <num>
===
<new> = np.sum(<any>) if not np.isscalar(<any>) else <any>
===
<new> = <num> if np.isscalar(<num>) else np.sum(<any>)
===
<new> = <any> if <cond> else <num>
<new2> = np.sum(<new>) if np.ndim(<new>) else <new> * <c>
===
<new> = [<num>, <num>] if <cond> else [<num>, <num>, <c>]
<new2> = sum(<new>) * len(<new>)
===
<new> = <any>[:1] if <cond> else <any>[:2]
<new2> = np.sum(<new>) * len(<new>)
===
<new> = None
if <cond>:
    <new> = <num>
<new2> = <c> if <new> is None else <new> * 2
===
<new> = None
for t in <any>:
    <new> = t if <new> is None else <new> + <c> * t
===
prev = None
<new> = 0.0
for t in <any>:
    if prev is not None:
        <new> += np.sum((t - prev)**2)
    prev = t
===
<new> = (lambda t: t * 2)(<num>) if callable(np.sin) else <num>
===
<new> = <num>
if callable(<new>):
    <new> = <new>()
else:
    <new> = <new> * <c>
===
def size_of(t):
    if isinstance(t, (list, tuple)):
        return len(t)
    if isinstance(t, dict):
        return sum(size_of(v) for v in t.values())
    return 1
<new> = size_of([<num>, <any>]) * <num> + size_of(<any>)
===
def total(t):
    if isinstance(t, dict):
        return sum(total(v) for v in t.values())
    if isinstance(t, (list, tuple)):
        return sum(total(v) for v in t)
    return np.sum(t)
<new> = total({'a': [<num>, <any>], 'b': (<any>, <num>)})
===
<new> = np.asarray(<num>)
<new2> = <new>.item() if <new>.ndim == 0 else <new>[0]
===
<new> = <any>.shape == <any2>.shape and np.sum(<any> * <any2>) or <num>
===
<new> = <any>.dtype == np.float64 and <num> or <c>
===
<new> = np.issubdtype(<any>.dtype, np.floating) * <num>
===
x1, x2 = (<any>, <num>) if <cond> else (<num>, <any>)
<new> = np.sum(x1) - 2 * np.sum(x2)
===
def sign(t):
    if np.sum(t) > 0:
        return 1
    if np.sum(t) < 0:
        return -1
    return 0
<new> = sign(<any>) * <num>
===
def kind(t):
    if np.sum(t) > 1:
        return 'high'
    return 'low' if np.sum(t) < 0 else 'mid'
<new> = <num> * {'high': 3.0, 'mid': 2.0, 'low': 1.0}[kind(<any>)]
===
def kind(t):
    return 'up' if np.sum(t) > 0 else 'down'
<new> = <num> if kind(<any>) == 'up' else <num> * <c>
===
def status(t):
    if np.sum(t) > 0:
        return True, t * 2
    return False, t - 1
good, <new> = status(<any>)
<new2> = <new> * <c> if good else <new>
===
def pick(t):
    if np.sum(t) > 0.5:
        return None
    return np.sum(t)
<new> = pick(<any>)
if <new> is None:
    <new> = <num>
===
def count(t):
    n = 0
    while np.sum(t) > 0.3 and n < 5:
        t = t * 0.5
        n += 1
    return n, t
steps, <new> = count(<any>)
<new2> = np.sum(<new>) * steps
"""
SYNTAX = r"""
<new> = np.sin if <cond> else np.tanh
<new2> = <new>(<any>)
===
f1, f2 = np.exp, np.negative
<new> = f1(f2(<any>**2))
===
from functools import partial
summed = partial(np.sum, axis=0)
<new> = summed(<any>) * <c>
===
norm = functools.partial(np.linalg.norm, ord=2)
<new> = norm(<vec>) * <num>
===
<new> = any(np.sum(t) > <c> for t in <any>) * <num>
===
<new> = all(v < 5 for v in <vec>) and <num> or <c>
===
<new> = sum(v**2 for v in <vec> if v > 0)
===
<new> = min(np.sum(t) for t in <any>) + max(abs(v) for v in <vec>)
===
<new> = max((v * <num> for v in <vec>), default=0.0)
===
<new> = min(<vec>, key=lambda v: (v - <c>)**2)
===
<new> = max(<vec>, key=abs)
===
<new> = sorted(<vec>, key=lambda v: -v)[0]
===
<new> = sorted(<vec>, key=abs, reverse=True)
<new2> = <new>[0] * <new>[-1]
===
<new> = max(range(len(<vec>)), key=lambda i: <vec>[i])
<new2> = <vec>[<new>] * <num>
===
<new> = max([(<num>, <any>), (<num>, <any2>)], key=lambda p: p[0])[1]
===
<new> = sorted(range(len(<vec>)), key=lambda i: <vec>[i])
<new2> = sum(<vec>[i] * k for k, i in enumerate(<new>))
===
<new> = sorted(zip(<vec>, range(len(<vec>))))[0][0] * <c>
===
<new> = [y := <num>, y**2, y + <c>]
<new2> = sum(<new>)
===
if (s := np.sum(<any>)) > <c>:
    <new> = s * 2
else:
    <new> = s - 1
===
<new> = 0.0
n = 0
while (step := <num> * 0.5**n) > 0.1 and n < 4:
    <new> += step
    n += 1
===
<new> = [z for v in <vec> if (z := v * <c>) > 0]
<new2> = sum(<new>)
===
head, *body, tail = <vec>.tolist() + [<num>, <c>]
<new> = head * tail + sum(body)
===
def spread(*args, **kw):
    return args[0] * kw.get('k', 2.0) + len(args)
<new> = spread(*[<num>, <num>], **{'k': <c>})
===
<new> = (*<any>.shape, <num>)[-1] * <c>
===
<new> = [*<vec>, *<vec>[:1]]
<new2> = np.array(<new>)
===
<new> = np.sum(<any>) if -1 < np.sum(<any>) < 1 <= 2 else <num>
===
<new> = <num> if 0 <= len(<any>) <= 3 != 4 else <c>
===
mode = 'mean' if <cond> else 'sum'
<new> = getattr(np, 'sum')(<any>) if mode == 'sum' else np.mean(<any>)
===
mode = 'tanh'
if mode == 'relu':
    <new> = np.maximum(<any>, 0)
elif mode in ('tanh', 'sigmoid'):
    <new> = np.tanh(<any>)
else:
    raise ValueError(f'unknown mode {mode!r}')
===
for mode in ['edge', 'reflect', 'constant']:
    <new> = np.pad(<vec>, (1, 1), mode=mode)
===
<new> = getattr(<any>, 'sum')() * <c>
===
try:
    <new> = <e>
except ValueError:
    <new> = <c>
===
try:
    <new> = <num> / <c>
except ZeroDivisionError:
    <new> = 0.0
else:
    <new> = <new> + 1
finally:
    <new2> = <num>
===
try:
    <new> = <any>.nothing
except AttributeError:
    <new> = <any> * 2
===
<new> = <num>
try:
    <new> = <new> * <c>
finally:
    <new> = <new> + 1
===
with np.errstate(divide='ignore', invalid='ignore'):
    <new> = np.where(<any> > 0, np.log(np.where(<any> > 0, <any>, 1.0)), 0.0)
===
assert <any>.ndim < 9, f'{<any>.ndim} axes'
<new> = <any> * <c>
===
<new> = <any> * 2
<new2> = <new> + 1
del <new>
===
tmp = [<num>, <num>, <c>]
del tmp[1]
<new> = tmp[0] * tmp[-1]
===
tmp = {'a': <num>, 'b': <any>}
del tmp['a']
<new> = tmp['b']
===
def scaled(t, k=<num>, *, shift=<c>):
    return t * k + shift
<new> = scaled(<any>) - scaled(<num>, shift=1.0)
===
def remember(t, seen=[]):
    return t * (1 + len(seen))
<new> = remember(<any>)
===
n_calls, acc = 0, 0.0
def push(t):
    nonlocal n_calls, acc
    n_calls += 1
    acc = acc * 0.5 + np.sum(t)
for t in <any>:
    push(t)
<new> = acc * n_calls
===
def make():
    state = [<num>]
    def step(t):
        state[0] = state[0] * 0.5 + np.sum(t)
        return state[0]
    return step
step = make()
<new> = step(<any>) + step(<num>)
===
ops = [('scale', lambda t: t * <c>), ('shift', lambda t: t + <num>)]
<new> = <any>
for name, op in ops:
    <new> = op(<new>)
===
ops = {'add': lambda a, b: a + b, 'mul': lambda a, b: a * b}
<new> = ops['add'](<num>, ops['mul'](<num>, <c>))
===
sl = slice(1, None)
<new> = <any>[sl] * <c>
===
left, right = slice(None, -1), slice(1, None)
<new> = <vec>[right] - <vec>[left]
===
sl = (slice(None),) * (<any>.ndim - 1) + (slice(0, 1),)
<new> = <any>[sl]
===
sl = [slice(None)] * <arr>.ndim
sl[0] = slice(1, None)
<arr>[tuple(sl)] *= <num>
===
<new> = <any>[np.s_[..., ::-1]] * <c>
===
label = f'{len(<any>)}:{<c>:.1f}'
<new> = <num> * len(label)
===
print(f'value {<num>:.3f}', end='', file=open(__import__("os").devnull, 'w'))
<new> = <num>
===
EPS = 1e-3
<new> = <any> / (np.abs(<any>) + EPS)
===
<new> = <any> * np.pi + math.e - np.e
===
import operator
<new> = operator.mul(<num>, operator.add(<num>, <c>))
===
import operator
<new> = functools.reduce(operator.mul, [<num>, <num>, <c>])
===
<new> = list(map(np.sum, <any>))
<new2> = sum(<new>)
===
<new> = sum(map(lambda a, b: np.sum(a) * np.sum(b), <any>, <any2>))
===
<new> = sum(filter(lambda v: v > 0, <vec>))
===
<new> = sum(a * b for a, b in zip(<vec>, reversed(<vec>)))
===
<new> = sum(c * <num>**k for k, c in enumerate(<vec>))
===
it = iter(<vec>)
<new> = next(it) * <c>
for v in it:
    <new> += v
===
<new> = next((v for v in <vec> if v > 0), <num>)
===
<new> = [[a * i for a in <vec>] for i in range(2)]
<new2> = np.array(<new>).sum(axis=0)
===
<new> = {k: v for k, v in zip(['a', 'b'], [<num>, <num>])}
<new2> = <new>['a'] - <new>['b']
===
<new> = {(i, j): <num> * i + j for i in range(2) for j in range(2)}
<new2> = <new>[1, 0] * <new>[0, 1]
===
match len(<any>):
    case 0:
        <new> = 0.0
    case _:
        <new> = np.sum(<any>)
===
<new> = np.sum(<any>); <new2> = <new> * <c>
===
<new> = (
    <num>
    + <num>
)
===
<new> = not <cond>
<new2> = <num> * <new>
===
flag = <cond>
<new> = <num> * flag + <num> * (not flag)
===
<new> = <num> * (<cond>) + (1 - (<cond>)) * <c>
===
a = b = <any> * 1.0
b = b + 1
<new> = a * b
===
prev, cur = [0.0] * 4, [0.0] * 4
for t in <vec>:
    for j in range(1, 4):
        cur[j] = min(prev[j] + t, cur[j - 1] + <c>, prev[j - 1] + t * t)
    prev[:] = cur
<new> = prev[-1] + cur[0]
===
row = [<num>] * (len(<vec>) + 1)
for i in range(2):
    nxt = row[:]
    for j in range(len(<vec>)):
        nxt[j + 1] = max(row[j] + <vec>[j], nxt[j] * <c>)
    row[:] = nxt
<new> = row[-1]
===
grid = [[0.0] * 3 for _ in range(2)]
grid[1][2] = <num>
grid[0] = grid[1][::-1]
<new> = grid[0][0] * <c>
===
queue = [<num>]
out = 0.0
while queue:
    v = queue.pop(0)
    out += v
    if len(queue) < 1 and abs(out) < 1:
        queue.append(v * 0.5)
    if out * 0 == 0 and len(queue) == 1 and abs(v) < 0.3:
        break
<new> = out
===
<new> = np.choose([0, 1, 0], [<num>, <c>])
===
<new> = np.select([<any> > 1, <any> < 0], [<any> * 2, -<any>], default=<num>)
===
<new> = np.piecewise(<any>, [<any> < 0, <any> >= 0], [lambda t: -t, lambda t: t * <c>])
===
<new> = sum(np.broadcast_to(<num>, 3)) * <c>
===
<new> = np.zeros(np.broadcast(<any>, <num>).shape) + <any>
===
<new> = round(<num>, 2) * 0 + <num>
===
<new> = <num> // 1 * <c> + <num> % 1
===
<new> = complex(1.0, 2.0).real * <num>
===
<new> = int(<num>) * <num> + bool(<num>) * <c>
===
<new> = (<num>).real + float(np.float64(<c>))
===
global_like = locals().get('nothing', <num>) if False else <num>
<new> = global_like * <c>
===
<new> = <vec>[-len(<vec>):][::-1].copy()
<new>[: len(<new>) // 2] *= <num>
"""
ASKED = [passage.strip("\n") for passage in ASKED.split("===")]
SYNTAX = [passage.strip("\n") for passage in SYNTAX.split("===")]
