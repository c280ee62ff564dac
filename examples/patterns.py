"""How gradients flow backwards: an add gate hands on, a max gate routes, a multiply gate swaps."""
from revad import grad


@grad
def f(x, y, z, w):
    return 2 * (x * y + max(z, w))


dx, dy, dz, dw = f(3, -4, 2, -1)

# The gradient 2 arrives at the add gate, which hands it to both sides unchanged. The multiply gate
# swaps its inputs: dx = -4 * 2 and dy = 3 * 2.
assert (dx, dy) == (-8.0, 6.0)

# The max gate routes it to z, the larger of the two.
assert (dz, dw) == (2.0, 0.0)

print(f.source)
