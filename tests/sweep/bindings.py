"""Passages in which it matters which names are bound to what and share memory, with the slots of `python_forms.py`.

>>> "<vec>" in BINDINGS[3]
True
"""

TABLE = r"""
fs = [lambda t: t * i for i in range(3)]
<new> = fs[0](<any>) + fs[1](<num>)
===
fs = []
for i in range(3):
    fs.append(lambda t, i=i: t * i)
<new> = fs[1](<any>) + fs[2](<num>)
===
scale = <num>
def scaled(t, s=scale):
    return t * s
scale = scale * 2
<new> = scaled(<any>) + scale
===
cur, nxt = <vec>.copy(), np.zeros_like(<vec>)
for _ in range(3):
    nxt[1:] = cur[:-1] * <c>
    nxt[0] = cur[-1]
    cur, nxt = nxt, cur
<new> = cur - nxt
===
for i, v in enumerate(<vec>):
    <vec>[i + 1:] += <c> * v
===
for row in <mat>:
    row = row * 2
<new> = <mat>.sum()
===
<new> = <new2> = np.zeros(len(<vec>))
<new>[0] = <num>
<new2> += <vec>
===
<new> = <new2> = <num>
<new> += 1
===
<new> = <mat>[0]
<mat>[0] = <mat>[-1]
<mat>[-1] = <new>
===
<new> = <mat>[0].copy()
<mat>[0] = <mat>[-1]
<mat>[-1] = <new>
===
<new> = <vec>[1:]
<new2> = <new>[1:]
<new2> *= <num>
<vec>[0] = <new>[-1]
===
pairs = [(<num>, <num>), (<num>, <c>)]
xs, ys = zip(*pairs)
<new> = sum(a * b for a, b in zip(xs, ys))
===
pairs = sorted([(<num>, 1.0), (<num>, 2.0)], key=lambda p: p[0])
<new> = pairs[0][0] * pairs[0][1]
===
params = {f'w{i}': <any> * (i + 1) for i in range(2)}
<new> = <num>
for i in range(2):
    <new> = np.tanh(<new> * params[f'w{i}'])
===
<new> = all(np.sum(t) > -50 for t in <any>) * <num>
===
<new> = <num> if len(<any>) > 3 else <num> if len(<any>) > 1 else <c>
===
views = [<vec>[:1], <vec>[1:]]
for t in views:
    t *= <num>
===
views = {'head': <vec>[:1], 'rest': <vec>[1:]}
views['rest'][...] = views['head'] * <c>
===
def first(t):
    return t[0]
<new> = first(<mat>)
<new>[0] = <num>
===
def rows(t):
    return t[0], t[-1]
<new>, <new2> = rows(<mat>)
<new> += 1.0
<new2> *= <c>
===
def put(t, i, v):
    t[i] = v
    return t
<new> = put(<vec>, 0, <num>)
<new2> = put(<vec>.copy(), -1, <num>)
===
total = 0.0
def add(t):
    nonlocal total
    total += np.sum(t)
    return total
<new> = add(<any>) * add(<any>)
===
def outer(a):
    b = a * 2
    def inner(c):
        return b + c
    b = b + 1
    return inner(<num>)
<new> = outer(<any>)
===
memo = {}
def fib(n):
    if n not in memo:
        memo[n] = <num> if n < 2 else fib(n - 1) + <c> * fib(n - 2)
    return memo[n]
<new> = fib(4)
===
np.sum(<mat>, axis=0, out=<mat>[0])
===
<new> = np.zeros(<mat>.shape[1])
np.sum(<mat>, axis=0, out=<new>)
np.multiply(<new>, <mat>[0], out=<new>)
===
<new> = np.zeros((len(<vec>), len(<vec>)))
np.multiply(<vec>[:, None], <vec>, out=<new>)
np.fill_diagonal(<new>, <num>)
===
<new> = np.empty(<mat>.shape)
np.matmul(<mat>, np.eye(<mat>.shape[1]), out=<new>)
===
<new> = np.zeros(4)
<new>[[0, 2]] = <num>, <num>
<new>[1:4:2] += <new>[0]
===
<new> = np.zeros((2, 3))
<new>[0, 1], <new>[1, 2] = <num>, <num>
<new>[:, 0] = <new>[1][1:]
===
<new> = np.zeros((2, 3))
<new>[..., 1] = <num>
<new>.T[2] = <num>
<new>.reshape(-1)[::2] *= <c>
===
a, (b, c) = <num>, (<num>, <c>)
<new> = a * b + c
===
(a, b), c = [<num>, <num>], <any>
<new> = (a - b) * c
===
first, second, *others = <num>, <num>, <c>, 4.0
<new> = first * second + sum(others)
===
<new> = 0.0
it = iter(<any>)
for t in it:
    <new> += np.sum(t)
===
<new> = 0.0
for a, b in zip(<any>[:-1], <any>[1:]):
    <new> += np.sum((b - a)**2)
===
<new> = [0.0, 0.0]
for i, t in enumerate(<vec>):
    <new>[i % 2] += t
<new2> = <new>[0] - <new>[1]
===
<new> = [[], []]
for i, t in enumerate(<vec>):
    <new>[i % 2].append(t * <c>)
<new2> = sum(sum(part) for part in <new>)
===
stack = [<any>]
stack.append(stack[-1] * 2)
stack.append(stack.pop() + stack.pop())
<new> = stack[0]
===
<new> = np.array([<num>, <num>])
<new2> = <new>
<new2> = <new2> * 2
<new2>[0] = 0.0
===
<new> = np.array([<num>, <num>])
<new2> = <new>
<new2> *= 2
<new2>[0] = 0.0
===
<new> = <any> * 1.0
for _ in range(2):
    <new> -= 0.1 * (2 * <new> + <num>)
    <new> = np.clip(<new>, -2.0, 2.0)
===
<new> = np.zeros(3)
for i in range(3):
    if i == 1:
        <new>[i] = <num>
        continue
    <new>[i] = <new>[i - 1] + <c> if i > 0 else <num>
===
done = False
<new> = <num>
steps = 0
while not done:
    <new> = <new> * 0.5
    steps += 1
    done = abs(<new>) < 0.5 or steps > 3
===
if len(<any>) == 0:
    return <num>
===
if <any>.size > 100:
    return np.sum(<any>)
===
weights = np.array([0.2, 0.3, 0.5])
<new> = sum(w * np.sum(<any>) ** k for k, w in enumerate(weights))
===
table = {'a': <num>, 'b': <num>}
<new> = [table[k] * i for i, k in enumerate('abba')]
<new2> = np.array(<new>).sum()
===
i = np.argmax(<vec>)
<vec>[i] = -<vec>[i]
j = int(np.argmin(<vec>))
<new> = <vec>[i] * <vec>[j]
===
m = <vec> > 0
<vec>[m] = np.log(<vec>[m])
<vec>[~m] = 0.0
===
m = <any> > <c>
<new> = np.where(m, <any>, 0).sum() / max(m.sum(), 1)
===
<new> = np.zeros_like(<mat>)
<new>[1:, :] += <mat>[:-1, :]
<new>[:, 1:] += <mat>[:, :-1]
<new>[:-1, ::-1] -= <mat>[1:, :]
"""
BINDINGS = [passage.strip("\n") for passage in TABLE.split("===")]
