"""Learning to learn: weights from which one step of gradient descent fits a new line (MAML).

The loss after the step is differentiated through the step, so through the gradient in it.
"""
import numpy as np

from revad import grad, value_and_grad

RATE = 0.5


def error(w, x, y):
    return np.mean((np.tanh(x[:, None] * w[0] + w[1]) @ w[2] - y)**2)


def adapted(w, x, y):
    return w - RATE * grad(error, wrt="w")(w, x, y)


@value_and_grad(wrt="w")
def loss(w, tasks):
    total = 0.0
    for x, y, x_new, y_new in tasks:
        total = total + error(adapted(w, x, y), x_new, y_new)
    return total / len(tasks)


def tasks(rng, count=4):
    slopes, points = rng.uniform(-2, 2, count), rng.uniform(-1, 1, (count, 2, 10))
    return [(x, slope * x, x_new, slope * x_new) for slope, (x, x_new) in zip(slopes, points)]


rng = np.random.default_rng(0)
w = rng.normal(size=(3, 8)) / 2
check, number, step = tasks(rng, 20), 0.0, 1e-6
first, dw = loss(w, check)
for index in np.ndindex(2, 2):      # some elements beside differences
    moved = np.zeros_like(w)
    moved[index] = step
    numeric = (loss(w + moved, check)[0] - loss(w - moved, check)[0]) / (2 * step)
    assert abs(numeric - dw[index]) < 1e-6
for _ in range(800):
    w = w - 0.2 * loss(w, tasks(rng))[1]
last, _ = loss(w, check)
print(loss.source)
print(f"error after one step on new lines: {first:.3f} at first, {last:.3f} after training")
assert last < first / 3
