"""Passages of programs by students and by people who work with data, with the slots of `python_forms.py`.

>>> "<vec>" in IDIOMS[0]
True
"""

TABLE = r"""
for i in range(1, len(<vec>)):
    <vec>[i] = <c> * <vec>[i - 1] + <vec>[i]
===
<new> = np.zeros_like(<any>)
for i in range(len(<any>)):
    <new>[i] = np.tanh(<any>[i]) + (<new>[i - 1] if i > 0 else 0.0)
===
<new> = np.empty(len(<vec>) + 1)
<new>[0] = <num>
for i in range(len(<vec>)):
    <new>[i + 1] = <new>[i] + 0.1 * (<vec>[i] - <new>[i])
===
<new> = np.zeros((len(<vec>), len(<vec>)))
for i in range(len(<vec>)):
    for j in range(len(<vec>)):
        <new>[i, j] = (<vec>[i] - <vec>[j])**2
===
<new> = np.zeros((<mat>.shape[0], <mat>.shape[0]))
for i in range(<mat>.shape[0]):
    for j in range(<mat>.shape[0]):
        for k in range(<mat>.shape[1]):
            <new>[i, j] += <mat>[i, k] * <mat>[j, k]
===
<new> = 0.0
for c in [1.0, <num>, <c>]:
    <new> = <new> * <num> + c
===
<new> = <num>
for _ in range(3):
    <new> = <new> - (<new>**2 - 2.0) / (2 * <new> + 4.0)
===
<new> = <any> - np.max(<any>, axis=-1, keepdims=True)
<new2> = np.exp(<new>) / np.sum(np.exp(<new>), axis=-1, keepdims=True)
===
<new> = <mat>.mean(axis=0)
<new2> = <mat>.var(axis=0)
<mat> = (<mat> - <new>) / np.sqrt(<new2> + 1e-2)
===
<new> = np.linalg.norm(<any>)
if <new> > 1.0:
    <any> = <any> / <new>
===
<new> = <vec>.copy()
<new2> = np.zeros(len(<new>))
for step in range(3):
    <new2> = 0.9 * <new2> - 0.1 * 2 * <new>
    <new> += <new2>
===
best = <any>[0]
for t in <any>:
    if np.sum(t) > np.sum(best):
        best = t
<new> = best * 2
===
<new> = []
for t in <any>:
    if np.sum(t) > 0:
        <new>.append(t)
<new2> = np.sum(np.array(<new>)) if len(<new>) > 0 else 0.0
===
<new> = []
h = np.zeros(<mat>.shape[1])
for t in <mat>:
    h = np.tanh(t + 0.5 * h)
    <new>.append(h)
<new> = np.stack(<new>)
===
<new> = <mat>.copy()
for i in range(len(<new>)):
    for j in range(i):
        <new>[i] -= np.dot(<new>[i], <new>[j]) * <new>[j]
    <new>[i] /= np.linalg.norm(<new>[i]) + 0.1
===
<new> = <vec>.copy()
for i in range(len(<new>)):
    for j in range(len(<new>) - 1 - i):
        if <new>[j] > <new>[j + 1]:
            <new>[j], <new>[j + 1] = <new>[j + 1], <new>[j]
===
<new> = np.zeros(len(<vec>))
for i in range(1, len(<vec>) - 1):
    <new>[i] = <vec>[i - 1] - 2 * <vec>[i] + <vec>[i + 1]
===
for step in range(2):
    <vec>[1:-1] = 0.5 * (<vec>[:-2] + <vec>[2:])
===
for step in range(2):
    old = <vec>.copy()
    <vec>[1:-1] += 0.1 * (old[:-2] - 2 * old[1:-1] + old[2:])
===
lo, hi = 0.0, <num>
for _ in range(3):
    mid = (lo + hi) / 2
    if mid**2 > 1.0:
        hi = mid
    else:
        lo = mid
<new> = (lo + hi) / 2 + <num>
===
<new> = np.zeros_like(<vec>)
<new>[0] = <vec>[0]
i = 1
while i < len(<vec>):
    <new>[i] = max(<new>[i - 1], <vec>[i])
    i += 1
===
<new> = {}
for i, t in enumerate(<any>):
    key = 'even' if i % 2 == 0 else 'odd'
    <new>[key] = <new>.get(key, 0.0) + np.sum(t)
<new2> = sum(<new>.values())
===
<new> = np.zeros(2)
for i in range(len(<vec>)):
    <new>[i % 2] += <vec>[i]**2
===
<new> = np.zeros((len(<vec>) + 1, 2))
<new>[1:, 0] = <vec>
<new>[:-1, 1] = <vec> * 2
<new> = <new>.sum(axis=1)
===
<new> = <mat>.T @ <mat> + np.eye(<mat>.shape[1])
<new2> = np.linalg.solve(<new>, <mat>.T.sum(axis=1))
===
<new> = np.ones(<mat>.shape[1])
for _ in range(2):
    <new> = <mat>.T @ (<mat> @ <new>)
    <new> = <new> / (np.sqrt(<new> @ <new>) + 0.1)
===
params = {'w': <any>, 'b': <num>}
grads = {k: 2 * t for k, t in params.items()}
for k in params:
    params[k] = params[k] - 0.1 * grads[k]
<new> = params['w'] + params['b']
===
layers = [(<any>, <num>), (<any>, <c>)]
<new> = <num>
for w, b in layers:
    <new> = np.tanh(<new> * np.sum(w) + b)
===
state = {'m': np.zeros_like(<any>), 't': 0}
for _ in range(2):
    state['t'] += 1
    state['m'] = 0.9 * state['m'] + 0.1 * <any>
<new> = state['m'] / (1 - 0.9**state['t'])
===
<new> = np.where(<any> > 0, <any>, 0.01 * <any>)
<new>[<new> > 1] = 1.0
<new2> = np.mean(<new>)
===
n = len(<any>)
<new> = 0.0
while n > 0:
    n -= 1
    if n == 1:
        continue
    <new> += np.sum(<any>[n])
===
for i in range(len(<any>)):
    if np.sum(<any>[i]) > 1:
        <new> = np.sum(<any>[i]) * 2
        break
else:
    <new> = <num>
===
<new> = 0.0
for i in range(len(<any>)):
    for j in range(len(<any>)):
        if i == j:
            continue
        if j > 2:
            break
        <new> += np.sum(<any>[i] * <any>[j])
===
<new> = np.concatenate([np.zeros(1), np.cumsum(<vec>)])
<new2> = (<new>[2:] - <new>[:-2]) / 2
===
<new> = np.array([np.mean(<vec>[max(0, i - 1):i + 2]) for i in range(len(<vec>))])
===
x0, x1 = <num>, <num>
for _ in range(4):
    x0, x1 = x1, x0 + x1 * 0.5
<new> = x0 - x1
===
a, b = <any>, <any>
a, b = b * 2, a + 1
<new> = np.sum(a) * np.sum(b)
===
queue = [<num>, <num>]
<new> = 0.0
while queue:
    t = queue.pop()
    <new> += t**2
===
<new> = <mat>.copy()
<new>[:, 0] = 1.0
<new>[0] += <new>[-1]
<new2> = <new>.sum(axis=0) @ <new>.T
===
top = np.argsort(<vec>)[::-1][:2]
<new> = <vec>[top].sum() - <vec>.mean()
===
<new> = np.full((<mat>.shape[0], <mat>.shape[1] + 1), <c>)
<new>[:, :-1] = <mat>
<new>[:, -1] *= <num>
===
row, col = np.triu_indices(<mat>.shape[0], k=1)
<new> = np.sum((<mat>[row] - <mat>[col])**2, axis=-1)
===
<new> = np.sum((<mat>[:, None, :] - <mat>[None, :, :])**2, axis=-1)
np.fill_diagonal(<new>, 1.0)
<new2> = np.log(<new> + 0.1).sum()
===
mu, total = 0.0, 0.0
for k, t in enumerate(<vec>, start=1):
    delta = t - mu
    mu += delta / k
    total += delta * (t - mu)
<new> = total / len(<vec>)
===
<new> = <vec>.copy()
view = <new>[::2]
view *= <num>
<new>[1:] += view[0]
===
def residual(p):
    return p * <any> - <num>
<new> = sum(np.sum(residual(p)**2) for p in (0.5, <num>))
===
def euler(g, y, steps=3, dt=0.1):
    for _ in range(steps):
        y = y + dt * g(y)
    return y
<new> = euler(lambda y: -y + <num>, <any>)
===
<new> = <any> if <any>.ndim == 2 else <any>.reshape(-1, 1)
<new2> = <new> @ np.ones((<new>.shape[1], 1))
===
<new> = np.zeros(len(<any>))
for i, t in enumerate(<any>):
    <new>[i] = np.sum(t) if np.sum(t) > 0 else -np.sum(t)
<new>[-1] = <new>[0]
===
<new> = np.maximum(<any>, 0)
mask = np.random.default_rng(1).random(<new>.shape) > 0.5
<new> = <new> * mask / 0.5
===
fn = {'relu': lambda t: np.maximum(t, 0), 'tanh': np.tanh}['tanh' if len(<any>) > 2 else 'relu']
<new> = fn(<any>)
===
try:
    <new> = <any>[5]
except IndexError:
    <new> = <any>[0]
===
<new> = <vec>
for k in (1, 2):
    <new> = np.concatenate([<new>[k:], <new>[:k]])
<new2> = <new> * <vec>
===
<new> = np.empty((len(<vec>), 3))
for j, g in enumerate([np.sin, np.cos, np.tanh]):
    <new>[:, j] = g(<vec>)
===
<new> = np.zeros(3)
<new>[:len(<vec>)] = <vec>[:3]
<new>[len(<vec>):] = <num>
===
<new> = <mat>[np.arange(len(<mat>)), np.argmax(<mat>, axis=1)]
<new2> = np.log(np.sum(np.exp(<mat> - <new>[:, None]), axis=1)) + <new>
===
<new> = <vec>.tolist()
<new2> = sum(t**2 for t in <new>) / len(<new>)
===
*head, tail = [t * 2 for t in <vec>]
<new> = sum(head) - tail
===
<new> = [[0.0] * 2 for _ in range(2)]
for i in range(2):
    for j in range(2):
        <new>[i][j] = <num> * (i - j) + <c>
<new> = np.array(<new>)
===
acc = [np.zeros(2)] * 2
acc[0][0] = <num>
<new> = acc[1]
===
acc = [<num>] * 3
acc[1] += <num>
<new> = acc[0] * acc[1] + acc[2]
"""
IDIOMS = [passage.strip("\n") for passage in TABLE.split("===")]
