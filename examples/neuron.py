"""A neuron with two inputs and a sigmoid, cut into gates in two ways."""
import math

from revad import grad


@grad
def single_gates(w, x):
    dot = w[0] * x[0] + w[1] * x[1] + w[2]
    opposite = -1 * dot
    power = math.exp(opposite)
    below = power + 1
    return 1 / below


@grad
def one_gate(w, x):
    dot = w[0] * x[0] + w[1] * x[1] + w[2]
    return 1.0 / (1 + math.exp(-dot))


w = [2, -3, -3]
x = [-1, -2]

# Where a function is cut into gates is a matter of convenience: the gradients are the same.
for neuron in single_gates, one_gate:
    dw, dx = neuron(w, x)
    assert [round(g, 2) for g in dw] == [-0.2, -0.39, 0.2]
    assert [round(g, 2) for g in dx] == [0.39, -0.59]
    print(neuron.source, end="\n\n")

# The sigmoid's own gate is the shorter one: its gradient is (1 - f) * f.
f = one_gate.primal(w, x)
assert math.isclose(dw[2], (1 - f) * f)
