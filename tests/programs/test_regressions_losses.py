"""What fitting, probability and colour code showed: joins of rows, scratch memory, functions that make functions."""

import numpy as np
import pytest
from differences import assert_gradient
from far_down import doubled, named

import revad

RANDOM = np.random.default_rng(21)
M = RANDOM.normal(size=(3, 4))
V = RANDOM.normal(size=8)


@pytest.mark.parametrize("axis", (0, 1, -1, None))
def test_the_rows_of_an_array_laid_end_to_end(axis):
    def rows(m):
        return np.concatenate(2 * m.reshape(3, 2, 2), axis=axis)

    def listed(m):
        parts = []
        for i in range(len(m)):
            parts.append(m[i].reshape(2, 2)**2)
        return np.concatenate(parts, axis=axis)

    def last(m):
        return np.concatenate([x[..., np.newaxis] for x in m], axis=axis)
    assert_gradient(rows, (M,))
    assert_gradient(listed, (M,))
    assert_gradient(last, (M,))


def test_the_input_of_a_median_is_left_as_it_was():
    def spread(x):
        return np.median(np.abs(x - np.median(x)), overwrite_input=True)

    def tail(x):
        return np.percentile(x**2, 70, axis=0, overwrite_input=True)
    assert_gradient(spread, (V,))
    assert_gradient(tail, (M,))
    with pytest.raises(revad.RevadError, match="overwrite_input"):
        revad.grad(lambda x: np.median(x**2, None, None, True))(V)


def test_an_identity_of_a_size_that_is_not_known():
    def f(m, shift=0.1):
        count = np.unravel_index(m.size - 1, m.shape)[1]
        return np.sum((m @ np.eye(count + 1) * shift)**2)
    assert_gradient(f, (M,))


def test_a_function_made_by_a_function_of_another_file():
    def f(x):
        return doubled(np.sin)(x) + named(np.cos)(x)
    assert_gradient(f, (0.7,))


def test_the_rest_of_the_arguments_are_options():
    def f(x, *args):
        return np.sum(x**2) * (args[0] if args else 1.0)

    def g(*xs):
        return xs[0] * xs[1]**2

    class Problem:
        def value(self, x, *args):
            return np.sum(x**2)
    assert revad.grad(f)(V).tolist() == revad.grad(Problem().value)(V).tolist() == (2 * V).tolist()
    assert revad.grad(f)(V, 3.0).tolist() == (6 * V).tolist()
    dx, rest = revad.grad(f, wrt=("x", "args"))(V, 3.0)
    assert dx.tolist() == (6 * V).tolist() and rest == (np.sum(V**2),)
    assert revad.grad(g)(2.0, 3.0) == (9.0, 12.0)


class Bent:
    """Private names, and a function that is kept in an attribute."""

    def __init__(self, power=2.0):
        self.inverse = np.linalg.inv
        self.__power = power

    def __shape(self, x):
        return x**self.__power

    @staticmethod
    def __scale(x):
        return 3 * x

    def value(self, x):
        return self.__shape(self.__scale(x))

    def solved(self, m):
        return self.inverse(m)


bent_value = Bent().value


def test_private_names_of_a_class():
    assert_gradient(Bent().value, (0.7,), "x")


def test_a_function_that_is_kept_in_an_attribute():
    def f(m):
        return np.sum(Bent().solved(m)**2)
    assert_gradient(Bent().solved, (M[:, :3],), "m")
    assert_gradient(f, (M[:, :3],))


def test_a_method_under_a_name_of_its_own():
    kept = Bent(3.0).value

    def inner(x):
        return kept(x) + bent_value(x)
    assert_gradient(inner, (0.7,))


def test_weights_that_are_none_by_another_name():
    def f(x, weights=None):
        return np.average(x**2, weights=weights, axis=0).mean()
    assert_gradient(f, (M,))
    assert_gradient(f, (M,), "x", kwargs={"weights": np.array([1.0, 2.0, 0.5])})


def test_settings_asked_all_at_once():
    def f(x, options=()):
        if any([isinstance(x, list), isinstance(x, tuple)]):
            x = np.array(x)
        return np.sum(x**2) if all([options == (), x.ndim == 1]) else np.sum(x)
    assert_gradient(f, (V,))
    assert_gradient(f, ([0.3, 0.4],))
    assert_gradient(f, (V,), "x", kwargs={"options": (1,)})


def test_what_is_real_or_complex():
    def f(x, power=2):
        if np.any(np.iscomplex(x)) or np.iscomplex(power):
            return np.sum(x)
        return np.sum(np.where(np.isreal(x), x, 0.0)**power)
    assert_gradient(f, (V,))


def test_the_place_of_a_setting_in_a_list():
    names = ["offset", "slope"]

    def f(x, values):
        return values[names.index("slope")] * x + values[names.index("offset")]**2
    assert_gradient(f, (0.7, (0.3, 0.4)))
    with pytest.raises(revad.RevadError, match="index"):
        revad.grad(lambda x: x * names.index("other"))(0.7)


def test_the_fields_of_a_determinant():
    def f(m):
        return np.linalg.slogdet(m @ m.T).logabsdet
    assert_gradient(f, (M,))


def test_several_products_with_one_vector():
    def f(m, v):
        return np.linalg.multi_dot([v, m, m.T]), np.linalg.multi_dot([m, m.T, v])
    assert_gradient(f, (M, V[:3]))


def test_an_array_that_is_required():
    def f(x):
        x = np.require(x, dtype=float, requirements="W")
        return np.sum(x**2)
    assert_gradient(f, (V,))


def test_checking_a_method_of_any_number_of_inputs():
    class Product:
        def value(self, *factors):
            return factors[0] * factors[1]**2
    assert revad.check_grad(Product().value, 2.0, 3.0)


def test_a_dtype_that_holds_two():
    def f(z):
        out = np.zeros(z.shape, dtype=np.promote_types(z.dtype, "float"))
        near = np.abs(z) < 1
        out[near] = z[near]**2
        return out
    assert_gradient(f, (V,))
    assert_gradient(f, (V.astype(np.float32),))
