"""Every parameter of a function over a small domain: each call is rejected by the function, refused by revad, or has the right gradient.

Each setting meets two of the shapes, in turn, so that the axes of length 0 and 1, the ranks and the
settings all meet. What NumPy's signature has is compared with what the rules say of it.
"""
import inspect
import warnings

import numpy as np
import pytest
from differences import assert_gradient, leaves, numeric_gradient
from test_gates import A, Row

import revad
from revad.types import registry

SHAPES = [(3,), (2, 3), (), (1, 3), (0,), (2, 3, 2), (3, 1), (1,), (0, 3), (1, 2, 1), (2, 0)]
SQUARES = [(3, 3), (2, 3), (2, 2, 2), (1, 1), (3, 2), (0, 0), (2, 3, 2), (1, 3), (3,), ()]
AXES = ["", "axis=None", "axis=0", "axis=-1", "axis=1", "axis=(0, 1)", "axis=(-1, 0)", "axis=()",
        "axis=0, keepdims=True", "keepdims=True", "axis=(0, 2)"]
ALONG = ["", "axis=None", "axis=0", "axis=-1", "axis=1"]
CHOSEN = ["where=x > -9", "axis=0, where=np.abs(x) > 0.5", "axis=-1, where=True, keepdims=True"]
START = ["initial=2.0", "axis=0, initial=-3, keepdims=True", "initial=0.5, where=x > 0"]
TYPED = ["dtype=np.float64", "axis=0, dtype=float", "dtype=int"]


def over(names, settings):
    """{function: calls}, of functions that take x and settings."""
    return {name: [f"{name}(x{', ' + s if s else ''})" for s in settings] for name in names.split("; ")}


def calls(function, *arguments):
    return {function: [f"{function}({a})" for a in arguments]}


CALLS = {
    **over("np.sum; np.prod", AXES + CHOSEN + START + TYPED),
    **over("np.max; np.min", AXES + START + ["initial=5.0, where=x > 0"]),
    **over("np.mean", AXES + CHOSEN + TYPED),
    **over("np.var; np.std; np.nanvar; np.nanstd",
           AXES + ["ddof=1", "axis=0, ddof=0.5", "correction=1", "dtype=float"]),
    **over("np.ptp; np.nansum; np.nanmean; np.nanprod; np.nanmax; np.nanmin; np.median", AXES),
    **over("np.average", AXES + ["returned=True"]),
    **over("np.cumsum; np.cumprod", ALONG + TYPED),
    **over("np.sort; np.argsort(x) * np.sort", ALONG + ["kind='stable'", "axis=0, stable=True"]),
    **over("np.linalg.norm", ["", "1", "2", "np.inf", "-np.inf", "3", "0", "'fro'", "'nuc'", "axis=0",
                              "axis=-1, keepdims=True", "1, 0", "np.inf, -1, True", "axis=(0, 1)",
                              "1, (1, 0)", "np.inf, (-1, -2)", "-1, (0, 1)", "'nuc', (0, 1)",
                              "2, axis=(0, 1), keepdims=True", "-2"]),
    **over("np.diff", ["", "0", "2", "1, 0", "n=2, axis=0", "prepend=0", "prepend=0, append=2.0, axis=0",
                       "n=2, append=1.0"]),
    **over("np.gradient", ["", "axis=0", "axis=(0, 1)", "0.5", "2, axis=0", "edge_order=2"]),
    **over("np.ediff1d", ["", "to_end=1.0"]),
    **over("np.add.reduce; np.multiply.reduce; np.maximum.reduce; np.minimum.reduce",
           ["", "axis=None", "-1", "keepdims=True", "axis=(0, 1)", "dtype=float"]),
    **over("np.quantile", ["0.3", "0.5, axis=0", "0, -1", "1, axis=None, keepdims=True",
                           "0.4, method='lower'", "[0.2, 0.5]"]),
    **over("np.pad", ["1", "(1, 2)", "((1, 0), (0, 2))", "1, 'edge'", "1, mode='reflect'", "2, 'symmetric'",
                      "(0, 1), 'wrap'", "1, constant_values=2.0", "0"]),
    **over("np.take", ["0", "-1, 0", "[0, 0, -1], -1", "[[0], [0]]", "[], 0", "np.array(0), axis=1",
                       "0, mode='clip'"]),
    **over("np.delete", ["0", "[0, -1], 0", "slice(0, 1), -1", "[]"]),
    **over("np.partition", ["0", "0, 0", "[0, -1]", "0, axis=None"]),
    **over("np.roll", ["1", "-2, 0", "(1, 2), (0, 1)", "1, axis=(0, 1)", "7, -1"]),
    **over("np.flip", ["", "0", "(0, 1)", "axis=-1"]),
    **over("np.rot90", ["", "2", "-1", "3, (1, 0)", "1, axes=(-1, 0)"]),
    **over("np.repeat", ["2", "0", "2, 0", "3, axis=-1", "[2]", "[3], axis=0"]),
    **over("np.reshape", ["-1", "(1, -1)", "x.shape[::-1], order='F'", "(-1, 1), 'F'", "-1, 'A'"]),
    **over("np.ravel", ["", "'F'", "order='K'"]),
    **over("np.transpose", ["", "None", "(1, 0)", "axes=[-1, 0]"]),
    **over("np.squeeze", ["", "0", "(0, 2)", "axis=-1", "axis=()"]),
    **over("np.expand_dims", ["0", "-1", "1", "(0, -1)", "[0, 2]"]),
    **over("np.swapaxes", ["0, -1", "-2, -1"]), **over("np.moveaxis", ["0, -1", "[0, 1], [1, 0]"]),
    **over("np.broadcast_to", ["(2, 3)", "(2,) + np.shape(x)", "3"]),
    **over("np.diagonal; np.trace", ["", "1", "-1, 1, 0", "axis1=-1, axis2=0", "5"]),
    **over("np.diag", ["", "1", "k=-2"]), **over("np.diagflat; np.tril; np.triu", ["", "1", "-1"]),
    **over("np.array", ["", "ndmin=3", "dtype=np.float64", "copy=True"]),
    **over("np.full_like(x, 2.0) * x + np.zeros_like", ["", "dtype=float", "shape=np.shape(x)"]),
    **over("np.linspace", ["2.0, 3", "x + 1, 3, False", "1, 1", "1, 0", "1, 3, True, True", "1, 3, axis=-1"]),
    **over("np.clip", ["0, 1", "None, 0.5", "-0.5, None", "None, None", "[0.0], 1", "x, x"]),
    **over("np.nan_to_num", ["", "True, 0.0", "nan=1.0"]),
    **calls("np.tensordot", "x, x, 0", "x, x, 1", "x, x, ([0], [0])", "x, x, ((-1,), (-1,))", "x, x, x.ndim"),
    **over("np.convolve", ["x", "[1.0, 2], 'same'", "[1.0, 2, 3], 'valid'", "2.0", "x, 1"]),
    **over("np.split", ["1", "[1]", "[1], -1", "3", "[0, 1]", "[5]"]),
    **over("np.array_split", ["2", "3, axis=-1", "[1]"]),
    **calls("np.concatenate", "[x, x]", "[x, x], -1", "(x, x), 1", "[x, x], None", "[x]", "x"),
    **calls("np.stack", "[x, x]", "[x, x], -1", "[x], axis=1", "x"),
    **calls("np.hstack", "[x, x]", "x"), **calls("np.vstack", "[x, x]", "x"),
    **calls("np.dstack", "[x, x]", "x"), **calls("np.column_stack", "[x, x]", "x"),
    **calls("np.append", "x, x", "x, x, 0", "x, 1.0", "x, [], None"),
    **calls("np.where", "x > 0, x, 0.0", "True, x, 2", "[True], x, x"),
    **calls("np.einsum", "'...->...', x", "'...i->...', x", "'i...,i...->...', x, x", "'...,...', x, x",
            "'ij->ji', x"),
    **calls("np.kron", "x, x", "x, [1.0, 2]"), **calls("np.outer", "x, x"), **calls("np.inner", "x, x"),
    **calls("np.dot", "x, x", "2.0, x", "x, np.transpose(x)"),
}
MATRICES = {
    **over("np.linalg.inv; np.linalg.det; np.linalg.slogdet; np.linalg.eigvalsh; "
           "np.linalg.matrix_rank(x) * np.sum", [""]), **over("np.linalg.pinv", ["", "1e-9"]),
    **over("np.linalg.svd", ["", "False", "full_matrices=False, compute_uv=True", "compute_uv=False",
                             "True, False, True"]), **over("np.linalg.matrix_power", ["2", "0", "-1"]),
    **calls("np.linalg.qr", "x", "x, 'r'", "x, 'complete'"),
    **over("np.linalg.solve", ["x", "np.ones(x.shape[-1])"]),
    **calls("np.linalg.lstsq", "x, np.ones(len(x)), rcond=None"),
    **over("np.linalg.norm", ["1", "2", "'nuc'", "np.inf", "1, (1, 0)"]),
    **calls("np.linalg.multi_dot", "[x, x.T]", "[x, x.T, x]"),
}
CALLS = {**CALLS, **{f"{name} of matrices": texts for name, texts in MATRICES.items()}}


def argument(shape, matrices):
    if shape == ():
        return 1.3
    return A(*shape) + 3 * np.eye(*shape[-2:]) if matrices and len(shape) > 1 else A(*shape)


@pytest.mark.parametrize("number, name", list(enumerate(CALLS)), ids=str)
def test_each_setting_is_right_or_refused(number, name):
    matrices = name.endswith("of matrices")
    shapes, wrong = (SQUARES if matrices else SHAPES), []
    for at, text in enumerate(CALLS[name]):
        for shape in [shapes[(number + at * 2 + k) % len(shapes)] for k in range(4 if matrices else 2)]:
            outcome = outcome_of(text, argument(shape, matrices))
            if outcome:
                wrong.append(f"{text} of {shape}: {outcome}")
    assert not wrong, "\n".join(wrong)


def outcome_of(text, x):
    """What is wrong, or None."""
    f = Row(text, x=x).function()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            result = f(x)
            expected = numeric_gradient(f, (x,))
        except Exception:       # the function itself rejects it
            return None
        if not all(np.all(np.isfinite(leaf)) for _, leaf in [*leaves(result), *leaves(expected)]):
            return None
        try:
            assert_gradient(f, (x,), rtol=1e-4, atol=1e-6, expected=expected)
        except revad.InternalError as error:
            return f"InternalError: {error}"
        except revad.RevadError:
            return None
        except Exception as error:
            return f"{type(error).__name__}: {' '.join(str(error).split())[:300]}"
    return None


WITH_DTYPE = [*(f"np.{name}(x, dtype={{}})"
                for name in ("sum", "prod", "mean", "cumsum", "cumprod", "nansum", "array", "asarray",
                             "asarray_chkfinite", "ascontiguousarray")),
              *(f"np.{name}(x, dtype={{}})" for name in ("concatenate", "stack", "hstack", "vstack")),
              "np.concatenate([x, x], dtype={})", "x.sum(dtype={})", "np.add.reduce(x, dtype={})",
              "np.zeros_like(x, dtype={}) + x", "np.concatenate(x, axis=None, dtype={})",
              "np.stack(x, axis=1, dtype={})"]


@pytest.mark.parametrize("kind", ["l", "i", "B", "d", "f", "g"])
@pytest.mark.parametrize("dtype", ["None", "float", "np.float64"])
def test_a_dtype_that_is_given_says_what_the_result_is_and_none_says_nothing(kind, dtype):
    """Integers have the gradient of numbers in a float result, whatever the function makes of them otherwise.

    None is as if left out.
    """
    wrong = []
    for text in WITH_DTYPE:
        if (not ("[x, x]" in text or "zeros_like" in text)
                and any(name in text for name in ("stack", "concatenate")) and not hasattr(np, "trapezoid")):
            continue        # NumPy 1 warns of what is no list
        outcome = outcome_of("1.0 * " + text.format(dtype), np.array([[1, 3, 2]], kind))
        if outcome:
            wrong.append(f"{text.format(dtype)} of {kind}: {outcome}")
    assert not wrong, "\n".join(wrong)


# Names that a rule has otherwise, which NumPy gives by place alone or which mean the same.
OTHER_NAMES = {"newshape": "shape", "a": "object", "x1": "x", "x2": "y", "base": "x", "exp": "y", "n": "N",
               "a1": "a", "a2": "b", "equal_nan": "rtol", "start_or_stop": "start"}


def test_the_parameters_of_a_rule_stand_where_those_of_the_function_stand():
    """What is given by its place has to be what the function takes it for."""
    wrong = []
    for function, gate in registry.all_gates().items():
        if (isinstance(function, (str, type, np.ufunc))
                or not str(getattr(function, "__module__", "")).startswith("numpy")):
            continue
        try:
            parameters = inspect.signature(function).parameters.values()
        except (TypeError, ValueError):     # np.c_ is no function
            continue
        theirs = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
        for place, (theirs_, ours) in enumerate(zip(theirs, gate.defaults)):
            if (theirs_.name != ours and place and theirs_.kind != theirs_.POSITIONAL_ONLY
                    and OTHER_NAMES.get(theirs_.name) != ours):
                wrong.append(f"{function.__module__}.{function.__name__}: {theirs_.name} is {ours}")
    assert not wrong


@pytest.mark.parametrize("shape", ["2", "(3, 2)", "(1, 2)", "3", "6", "(3, 1)", "()", "(3, 3)"])
@pytest.mark.parametrize("call",
                         ["np.sum(x, axis=0, out={})", "np.cumsum(x, out={})", "x.sum(axis=0, out={})",
                          "np.mean(x, axis=1, keepdims=True, out={})", "np.dot(x, x.T, out={})",
                          "np.take(x, [0, 1], axis=0, out={})", "np.concatenate([x, x], out={})",
                          "np.prod(x, out={})", "np.cumsum(x, dtype=float, out={})"])
def test_an_array_to_store_into_has_the_shape_of_the_result(call, shape):
    """What NumPy rejects is rejected, and what is not is right or refused."""
    if "cumsum" in call and shape == "()":
        pytest.skip("NumPy itself crashes")
    x, text = A(3, 2), call.format(f"np.zeros({shape})")
    f = Row(text, x=x).function()
    try:
        f(x)
    except ValueError:
        with pytest.raises((ValueError, revad.UnsupportedError)):
            revad.grad(f).forward(x)
    else:
        outcome = outcome_of(text, x)
        assert not outcome, f"{text}: {outcome}"


def test_a_parameter_may_be_given_by_the_name_that_numpy_has_for_it():
    """Whatever the rule calls it: of each parameter that stands where one of the rule's stands."""
    for function, gate in registry.all_gates().items():
        if (isinstance(function, (str, type, np.ufunc))
                or not str(getattr(function, "__module__", "")).startswith("numpy")):
            continue
        try:
            theirs = [p.name for p in inspect.signature(function).parameters.values()
                      if p.kind == p.POSITIONAL_OR_KEYWORD]
        except (TypeError, ValueError):
            continue
        if theirs and not gate.settle:
            assert gate._own_name(theirs[0]) in gate.defaults or theirs[0] in gate.defaults, function.__name__
    # NumPy 1 does not tell the signature of asarray.
    array = "np.asarray(a=x)" if hasattr(np, "unstack") else "x"
    f = Row(f"np.shape(a=x)[0] * np.sum({array}) * np.size(a=x)", x=A(2, 3)).function()
    assert_gradient(f, (A(2, 3),))


@pytest.mark.parametrize("text", [
    "np.hstack([x, x], casting='unsafe')", "np.vstack([x, x], casting='same_kind')",
    "max([x[0], x[1]], default=0.0)",
    "max([v * v for v in x], default=1.0)", "min([v for i, v in enumerate(x) if i > 5], default=2.0) * x",
    *(["np.concatenate([x, x], casting='unsafe', dtype=float)", "np.asarray(x, device='cpu')",
       "np.full(2, x[0], device=None)", "np.zeros(3, device='cpu') + x"] if hasattr(np, "unstack") else [])])
def test_a_parameter_that_the_derivative_does_not_depend_on_is_taken(text):
    assert_gradient(Row(text, x=A(3)).function(), (A(3),))


@pytest.mark.parametrize("kind", [int, np.int32, np.uint8])
@pytest.mark.parametrize("text", ["+x", "np.positive(x)", "x * 1", "+x if x < 100 else x", "np.sum(x)",
                                  "np.array(x) + 0"])
@pytest.mark.parametrize("dout", [1.0, np.float64(1.0), np.array(1.0)], ids=lambda d: type(d).__name__)
def test_what_comes_from_above_of_a_result_without_axes_may_be_any_number(kind, text, dout):
    for x in (np.array(3, kind), kind(3)):
        df = revad.grad(Row(text, x=x).function())
        assert float(df.backward(dout, df.forward(x)[1])) == 1.0


@pytest.mark.parametrize("text",
                         ["operator.add(x, y)", "operator.add(x, [y[0], 1.0])", "operator.mul(x, 2)",
                          "operator.mul(2, x)", "operator.add(x, y[:0])", "operator.add(tuple(x), (y[0],))"])
def test_operators_as_functions_do_with_lists_what_the_operators_do(text):
    assert_gradient(Row(f"np.cumsum(np.array({text}))", x=0, y=0).function(), ([1.0, 2.5], [3.0, -1.0]))
