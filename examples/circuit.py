"""The chain rule in a circuit of two gates: f(x, y, z) = (x + y) * z."""
from revad import check_grad, grad


@grad
def f(x, y, z):
    q = x + y
    return q * z


# The multiply gate learns first: z gets q = 3, and q gets z = -4. The add gate then hands the
# gradient that it was given to both of its inputs.
assert f(-2, 5, -4) == (-4.0, -4.0, 3.0)

# The limit that defines a derivative, taken numerically, says the same.
check_grad(f, -2, 5, -4)

print(f.source)
