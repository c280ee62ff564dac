"""The table of what shares memory, against np.shares_memory.

And programs that store into what it tells of.
"""
import ast
import itertools
import warnings

import numpy as np
import pytest
from differences import assert_gradient
from from_text import function
from test_gates import NAMES, TABLE

import revad
from revad.types import registry, sharing

A = np.array([[1.1, -0.7, 0.4], [0.9, 2.1, -1.3]])
LAYOUTS = {
    "rows": lambda x: x.copy("C"), "columns": lambda x: x.copy("F"),
    "backwards": lambda x: x[tuple([slice(None, None, -1)] * x.ndim)].copy()[
        tuple([slice(None, None, -1)] * x.ndim)],
    "every other": lambda x: x.repeat(2, axis=-1)[..., ::2] if x.ndim else x.copy(),
    "permuted": lambda x: np.moveaxis(np.moveaxis(x, 0, -1).copy(), -1, 0)
    if x.ndim else x.copy(), "spread": lambda x: np.broadcast_to(x[:1], x.shape) if x.ndim else x.copy(),
}
SHAPES = [(), (1,), (0,), (5,), (2, 3), (3, 3), (1, 3), (3, 1), (0, 3), (2, 3, 4), (2, 1, 3)]


class Real:
    """A call on arrays that are there, as the table asks about it."""

    def __init__(self, gate, bound, result):
        first = bound.get(gate.arrays[0] if gate.arrays else next(iter(bound)))
        parts = first if isinstance(first, tuple) else (first,)
        self.gate, self.bound, self.array, self.count = gate, bound, parts[0], len(parts)
        self.is_array = isinstance(self.array, np.ndarray)
        self.rank, self.result_rank = getattr(self.array, "ndim", None), getattr(result, "ndim", None)
        self.is_cast = self.is_array and isinstance(result, np.ndarray) and result.dtype != self.array.dtype
        self.is_respaced = [n for n in getattr(self.array, "shape", ()) if n != 1] != [n for n in getattr(result, "shape", ()) if n != 1]

    def get(self, name):
        return self.bound[name] if name in self.bound else self.gate.defaults.get(name)

    def is_contiguous(self, order):
        return self.array.flags["C_CONTIGUOUS" if order == "C" else "F_CONTIGUOUS"]


def compared(text, env):
    """Compare the outermost call, method or attribute of an expression with the table.

    What it predicts, or None.
    """
    node = ast.parse(text.strip(), mode="eval").body
    value = lambda inner: eval(compile(ast.Expression(inner), "<expression>", "eval"), {**NAMES, **env})     # noqa: E731
    args, keywords = (), ()
    try:
        if isinstance(node, ast.Call):
            if (any(isinstance(arg, ast.Starred) for arg in node.args)
                    or any(k.arg is None for k in node.keywords)):
                return None
            args, keywords = (tuple(map(value, node.args)),
                              tuple((k.arg, value(k.value)) for k in node.keywords))
            if (isinstance(node.func, ast.Attribute)
                    and isinstance(receiver := value(node.func.value), np.ndarray)):
                gate, key, args = (registry.lookup_method(node.func.attr), f"{node.func.attr}()",
                                   (receiver, *args))
                result = getattr(receiver, node.func.attr)(*args[1:], **dict(keywords))
            else:
                key = value(node.func)
                gate, result = registry.lookup(key), key(*args, **dict(keywords))
        elif isinstance(node, ast.Attribute) and isinstance(receiver := value(node.value), np.ndarray):
            gate, key, args, result = (registry.lookup_method(f".{node.attr}"), f".{node.attr}", (receiver,),
                                       getattr(receiver, node.attr))
        else:
            return None
    except Exception:       # this call is not for such arguments
        return None
    if gate is None:
        return None
    arrays = [a for arg in (*args, *(v for _, v in keywords))
              for a in (arg if isinstance(arg, (list, tuple)) else (arg,)) if isinstance(a, np.ndarray)]
    parts = [part for part in (result if isinstance(result, (list, tuple)) else (result,))
             if isinstance(part, np.ndarray) and part.size]
    shares = any(np.shares_memory(part, array) for part in parts for array in arrays)
    entry = sharing.shares(key)
    assert (entry is None) == (gate.view is None), (
        f"the functions of the gate {gate.name} differ in the table")
    if entry is None:
        assert not shares, f"{text}: {key} is not in the table, and gives a view"
        return None
    try:
        bound = gate.bind(args, keywords)
    except TypeError:
        return None
    predicted = entry(Real(gate, bound, result))
    if predicted is not None and parts and all(array.size for array in arrays):
        assert (predicted
                == shares), f"{text} of {[a.strides for a in arrays]}, {[a.shape for a in arrays]}: {predicted}, and it is {shares}"
    return predicted


def test_the_table_holds_for_every_call_of_the_gates():
    """Also: what is not in it makes memory of its own."""
    warnings.simplefilter("ignore")
    for row in TABLE:
        for lay in ("rows", "columns", "backwards"):
            env = {name: LAYOUTS[lay](v) if isinstance(v, np.ndarray) else v for name, v in row.args.items()}
            compared(row.text, env)


CALLS = """np.transpose(x); np.transpose(x, (1, 0)); x.T; x.mT; x.transpose(); x.transpose(1, 0, 2); np.swapaxes(x, 0, 1); x.swapaxes(0, -1)
np.moveaxis(x, 0, -1); np.expand_dims(x, 0); np.squeeze(x); x.squeeze(); np.flip(x); np.flip(x, 0); np.fliplr(x); np.flipud(x); np.rot90(x)
np.rot90(x, k=2); np.diagonal(x); x.diagonal(); np.broadcast_to(x, (2, *x.shape)); np.split(x, 1); np.array_split(x, 2); np.hsplit(x, 1)
np.vsplit(x, 1); np.dsplit(x, 1); np.unstack(x); np.real(x); x.real; np.real_if_close(x); x.conj(); x.conjugate(); np.conj(x); np.atleast_1d(x)
np.atleast_2d(x); np.atleast_3d(x); np.broadcast_arrays(x); np.asarray(x); np.asanyarray(x); np.asarray_chkfinite(x); np.asarray(x, order="C")
np.asarray(x, order="F"); np.asarray(x, order="A"); np.asarray(x, order="K"); np.asarray(x, "f8"); np.asarray(x, dtype="f4"); np.asarray(x, int)
np.asarray(x, copy=False); np.asarray(x, copy=True); np.asarray(x, copy=None, order="F"); np.ascontiguousarray(x); np.asfortranarray(x)
np.ascontiguousarray(x, "f8"); np.array(x); np.array(x, copy=False); np.array(x, copy=None); np.array(x, copy=None, dtype="f4")
np.array(x, copy=None, ndmin=3); np.array(x, copy=None, order="F"); np.require(x); np.require(x, requirements="C"); np.require(x, "f8", ["F"])
np.require(x, "f4"); x.astype(float); x.astype(float, copy=False); x.astype("f4", copy=False); x.astype(x.dtype, copy=False)
x.astype(x.dtype, order="F", copy=False); x.astype(x.dtype, order="C", copy=False); x.astype(x.dtype, order="A", copy=False)
np.astype(x, float, copy=False); np.astype(x, float); np.reshape(x, -1); x.reshape(-1); x.reshape(x.shape[::-1]); x.reshape(x.shape); x.reshape((1, *x.shape, 1))
x.reshape(-1, order="F"); x.reshape(x.shape[::-1], order="F"); x.reshape(-1, order="A"); np.reshape(x, -1, copy=True); np.ravel(x); x.ravel()
x.ravel("F"); x.ravel("A"); x.ravel("K"); np.ravel(x, "K"); x.flatten(); np.diag(x); np.diagflat(x); np.einsum("...->...", x); np.einsum("ij->ji", x)
np.einsum("ii->i", x); np.einsum("ij->i", x); np.einsum("ij", x); np.einsum("ii", x); np.einsum("ij->ji", x, optimize=True)
np.linalg.matrix_power(x, 1); np.linalg.matrix_power(x, 2); np.linalg.matrix_power(x, 0); np.diff(x, n=0); np.diff(x); np.float64(x); np.float32(x)
np.meshgrid(x); np.meshgrid(x, copy=False); np.copy(x); x.copy(); x.copy("F"); np.nan_to_num(x); np.positive(x); abs(x); np.clip(x, None, 9)
np.concatenate([x]); np.stack([x]); np.vstack([x]); np.tile(x, 1); np.repeat(x, 1); np.pad(x, 0); np.roll(x, 0); np.sort(x); np.sum(x, axis=())
np.max(x, axis=()); np.append(x, []); np.delete(x, []); np.take(x, 0, axis=0); np.where(True, x, 0.0); np.linalg.diagonal(x)
np.lib.stride_tricks.sliding_window_view(x, 1, axis=0); np.matrix_transpose(x); np.linalg.matrix_transpose(x); np.permute_dims(x, (1, 0)); np.round(x)"""


def test_the_table_holds_for_every_layout_shape_dtype_and_argument():
    warnings.simplefilter("ignore")
    certain = {}
    for text, (name, layout), shape, dtype in itertools.product(
            [text.strip() for text in CALLS.replace("\n", ";").split(";")], LAYOUTS.items(), SHAPES,
            ("f8", "f4")):
        x = layout((np.arange(np.prod(shape)).reshape(shape) + 1).astype(dtype))
        certain.setdefault(text, set()).add(compared(text, {"x": x}))
    if not np.__version__.startswith("1."):
        assert {text for text, answers in certain.items() if answers == {None}
                and sharing.shares(_key(text)) is not None} == {"np.meshgrid(x, copy=False)"}


def _key(text):
    node = ast.parse(text, mode="eval").body
    name = ast.unparse(node.func if isinstance(node, ast.Call) else node)
    return (f"{name[2:]}()" if name.startswith("x.") and isinstance(node, ast.Call) else f".{name[2:]}"
            if name.startswith("x.") else eval(name, NAMES))


def test_the_functions_of_a_gate_have_one_entry():
    names = {}
    for name, gate in registry.methods().items():
        names.setdefault(gate, []).append(name if name.startswith(".") else f"{name}()")
    for gate in {*registry.all_gates().values(), *registry.methods().values()}:
        keys = [*gate.functions, *names.get(gate, ())]
        assert {sharing.shares(key) for key in keys} <= {gate.view}, gate.name


# ---- programs that make another name of an array, and store into one of the two

NAMED = """np.ascontiguousarray(y); np.asfortranarray(y); np.ascontiguousarray(y.T); np.ascontiguousarray(y[:, 0]); np.asarray(y)
np.asarray(y.T, order="C"); np.asarray(y, order="F"); np.asarray(y, dtype=float); np.asanyarray(y); np.array(y, copy=None); np.array(y)
np.nan_to_num(y, copy=False); np.nan_to_num(y); np.require(y); np.require(y, requirements="C"); y.astype(float); y.astype(float, copy=False)
y.astype(float, order="F", copy=False); np.atleast_1d(y); np.atleast_3d(y); np.squeeze(y[None], axis=0); y.reshape(-1); y.reshape(3, -1)
np.reshape(y, (3, 2), order="F"); y.T.reshape(-1); y[:, 0].reshape(-1); y[0].ravel(); y[:, 0].ravel(); y.ravel(); y.T.ravel(); np.ravel(y, "F")
y.flatten(); np.diagonal(y); np.diag(y); np.diag(y[0]); np.moveaxis(y, 0, 1); y.swapaxes(0, 1); np.expand_dims(y, (0, 2)); np.flip(y, 0); np.fliplr(y)
np.rot90(y); np.rot90(y, k=3); np.split(y, 2)[0]; np.split(y, [1, 2], 1)[2]; np.array_split(y, 2, axis=1)[0]; np.hsplit(y, 3)[0]; np.vsplit(y, 2)[1]
np.einsum("ij->ji", y); np.einsum("ii->i", y[:, :2]); np.einsum("ij->i", y); y.real; np.real(y); y.T; y.flat[0:3]; y.transpose(1, 0)
y[None].transpose(1, 0, 2); np.transpose(y, (1, 0)); y[0]; y[:, 1]; y[...]; y[()]; y[::-1]; y[1:, 1:]; y[..., None]; y[[0, 1]]; y[-1]; y[y > -9]
y[np.ix_([0, 1], [1])]; y.copy("F"); list(y)[0]; [row for row in y][0]; np.take(y, 0, axis=0); np.float64(y); np.linalg.matrix_power(y[:, :2], 1)
np.diff(y, n=0); +y; y.conj(); np.conj(y); (lambda q: q)(y); [y][0]; {"a": y}["a"]; y[0:1]; np.clip(y, None, 9.0); np.concatenate([y]); y[:, ::2].reshape(-1)"""
if np.__version__ < "2":     # which has no copy=None
    NAMED = NAMED.replace("np.array(y, copy=None); ", "")
UNSETTLED = ('np.reshape(y, (3, 2), order="F")', "y[:, ::2].reshape(-1)")
STORES = ["{} *= 3.0", "{}[...] = 2.0 * v", "{0}[0] = 5.0 * v * {0}[-1]", "np.multiply({0}, 3.0, out={0})",
          "{}.fill(v)", "{} += v", "{0}[:] = {0}[::-1] * v"]
SOURCES = ["y = x", "y = x * 1.0", "y = np.zeros((2, 3)); y[...] = x"]


@pytest.mark.parametrize("number, text",
                         [*enumerate(part.strip() for part in NAMED.replace("\n", ";").split(";"))])
def test_a_store_is_seen_by_the_other_name(number, text):
    """Right in every layout.

    Refused only where the layout is not known, or where NumPy itself refuses the store.
    """
    for turn in range(2):
        store, source = STORES[(number + 3 * turn) % len(STORES)], SOURCES[(number + turn) % len(SOURCES)]
        lines = [*source.split("; "), f"z = {text}", store.format("zy"[turn]),
                 "return np.sum(y ** 2 * np.arange(1.0, 7.0).reshape(2, 3)) + np.sum(z ** 2 * "
                 "np.cos(np.arange(z.size).reshape(z.shape)))"]
        f = function("def f(x, v):\n" + "".join(f"    {line}\n" for line in lines))
        for name in ("rows", "columns", "backwards"):
            assert_seen(f, LAYOUTS[name], 1.7, name == "rows" and text not in UNSETTLED)


def assert_seen(f, layout, v, is_accepted):
    try:
        f(layout(A), v)
    except ValueError:      # a read-only view
        with pytest.raises((ValueError, revad.UnsupportedError)):
            revad.grad(f)(layout(A), v)
        return
    try:
        x = layout(A)
        dx, dv = revad.grad(f)(x, v)
    except revad.UnsupportedError:
        assert not is_accepted
        return
    assert np.array_equal(x, A)
    step, wanted = 1e-6, np.zeros(A.shape)
    for place in np.ndindex(*A.shape):
        ends = layout(A), layout(A)
        ends[0][place] += step
        ends[1][place] -= step
        wanted[place] = (f(ends[0], v) - f(ends[1], v)) / (2 * step)
    np.testing.assert_allclose(dx, wanted, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(dv, (f(layout(A), v + step) - f(layout(A), v - step)) / (2 * step),
                               rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("body", [
    "m = x * 2; t = sum([], m); t[0] = 5 * x[1]; return np.sum(m * x) + np.sum(t)",
    "m = x * 2; t = sum((), start=m); t *= x; return np.sum(m * x) + np.sum(t)",
    "m = x * 2; t = sum(x[:0], m); m[0] = x[1]; return np.sum(m * x) + np.sum(t)",
    "m = x * 2; t = sum([x], m); t[0] = x[1] ** 2; return np.sum(m * x) + np.sum(t)",
    "t = sum([], x); t[0] = x[1] ** 2; return np.sum(t * x)",
    "m = [x * 2]; t = sum([], m); t.append(x[1] ** 2); return np.sum(m[0] * x) + len(m) * np.sum(t[0])",
    "m = [x * 2]; t = sum([m], []); t[0] *= x; t.append(x); return np.sum(m[0] * x) + len(m) * np.sum(t[0])",
])
def test_a_sum_of_nothing_is_what_it_starts_with(body):
    """And a sum of lists holds the elements themselves."""
    assert_gradient(function("def f(x):\n    " + body.replace("; ", "\n    ")), (np.array([0.3, 0.7, 1.2]),))
