"""A physics-informed network: u'' + u = 0 with u(0) = 0 and u'(0) = 1, whose solution is sin.

The residual holds derivatives of the network by its input; the loss is differentiated by the weights.
"""
import numpy as np

from revad import grad, value_and_grad


def network(x, w):
    return np.sum(w["out"] * np.tanh(w["in"] * x + w["bias"]))


slope = grad(network, wrt="x")


@value_and_grad(wrt="w")
def loss(w, points):
    total = network(0.0, w)**2 + (slope(0.0, w) - 1)**2
    for x in points:
        def u_x(x):
            return slope(x, w)
        total = total + (grad(u_x)(x) + network(x, w))**2 / len(points)
    return total


rng = np.random.default_rng(0)
weights = {"in": rng.normal(size=12), "bias": rng.normal(size=12), "out": 0.3 * rng.normal(size=12)}
points = np.linspace(0.0, 1.5, 8)
first, _ = loss(weights, points)
moments = {name: (np.zeros(12), np.zeros(12)) for name in weights}
for step in range(1, 1201):
    value, slopes = loss(weights, points)
    for name, g in slopes.items():      # Adam
        m, v = moments[name]
        m += 0.1 * (g - m)
        v += 0.01 * (g**2 - v)
        weights[name] = weights[name] - 0.02 * (m / (1 - 0.9**step)) / (np.sqrt(v / (1 - 0.99**step)) + 1e-9)

print(loss.source)
print(f"loss {first:.3f} at first, {value:.1e} after {step} steps")
error = max(abs(network(x, weights) - np.sin(x)) for x in points)
print(f"largest difference from sin: {error:.3f}")
assert value < 1e-3 * first and error < 0.03
