"""The three gates that most circuits are made of: multiply, add and max."""
from revad import grad


@grad
def multiply(x, y):
    return x * y


@grad
def add(x, y):
    return x + y


@grad
def larger(x, y):
    return max(x, y)


# Increase x by a tiny h, and x * y changes by y * h: each input has the other one as its gradient.
assert multiply(4, -3) == (-3.0, 4.0)

# The sum follows both of its inputs, whatever they are.
assert add(4, -3) == (1.0, 1.0)

# Only the larger input matters: the other could move a little without being noticed.
assert larger(4, 2) == (1.0, 0.0)
assert larger(2, 4) == (0.0, 1.0)

for gate in multiply, add, larger:
    print(gate.source, end="\n\n")
