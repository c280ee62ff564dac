"""Every gate in forward mode, by the table of calls that reverse mode is tested with: right, or refused by name.

A gate that has neither a tangent nor a row in REFUSED fails the suite.
"""
import numpy as np
import pytest
from directions import assert_tangent, assert_transpose
from from_text import function
from test_gates import TABLE, Row

import revad
from revad.rules.tangents import declaration
from revad.types import registry

# Gates whose results are arrays and that have no tangent in forward mode; some have one for a number.
REFUSED = {"unique", "kaiser", "view", "text"}
OF_SCIPY = {"factorial", "comb"}
IN_PART = {"qr", "svd", "lstsq", "average", "interp", "gradient", "prod", "quantile", "percentile", "cholesky", "einsum", "polyval",
           "logsumexp"}
# Gates of Python whose result is one number: the gradient gives the tangent.
OF_NUMBERS = {"hypot", "prod", "dist"}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.id)
def test_tangent(row):
    try:
        assert_tangent(row.function(), tuple(row.args.values()), row.wrt, rtol=row.rtol, atol=1e-7)
    except revad.UnsupportedError as error:
        if "in forward mode" not in str(error):
            raise
        assert any(name in str(error) for name in REFUSED | IN_PART), error


def test_every_gate_has_a_tangent_or_is_refused():
    gates = {*registry.all_gates().values(), *registry.methods().values(), *registry.OPERATORS.values()}
    # Other tests and the pages declare rules of their own.
    gates = {gate for gate in gates if (getattr(gate.rule, "__module__", None) or "").startswith("revad.rules")
             and not any((getattr(function, "__module__", None) or "").startswith(("test_", "example"))
                         for function in gate.functions)}
    lacking = {gate.name for gate in gates if gate.mode == "adjoint" and declaration(gate) is None}
    own = {name for name in lacking if not name.startswith("_")}
    assert own <= REFUSED | OF_SCIPY | OF_NUMBERS, own - REFUSED - OF_SCIPY - OF_NUMBERS


@pytest.mark.parametrize("text", ["np.linalg.qr(x[:2])[1]", "np.linalg.svd(x[:2])[0]",
                                  "np.linalg.lstsq(x[:2], x[:2, 0])[0]"])
def test_what_has_no_tangent_is_refused_with_place_and_reason(text):
    row = Row(text, x=np.arange(9.0).reshape(3, 3) ** 2 + np.eye(3))
    with pytest.raises(revad.UnsupportedError, match="no tangent for it in forward mode") as refused:
        revad.jvp(row.function())(row.args["x"], tangents=row.args["x"])
    assert "^^^" in str(refused.value) and "grad or vjp" in str(refused.value)


def A(*shape, seed=0):
    return np.random.default_rng(seed).uniform(0.5, 2.0, shape)


def positive(n):
    return A(n, n) @ A(n, n).T + n * np.eye(n)


WITHOUT_A_NUMBER = [
    Row("np.cumprod(x, axis=0)", x=np.array([[1.0, 0.0, 2.0], [0.0, 3.0, 0.0], [2.0, 0.0, 0.0]])),
    Row("np.cumprod(x)[::-1]", x=np.array([0.0, 2.0, 3.0])),
    Row("np.linalg.qr(x)", x=A(4, 3)), Row("np.linalg.qr(x)[0]", x=A(2, 3, 3)),
    Row("np.linalg.svd(x, full_matrices=False)[1]", x=A(3, 4)),
    Row("np.linalg.svd(x, full_matrices=False)", x=A(4, 2)),
    Row("np.linalg.svd(x, full_matrices=False)", x=A(2, 4)),
    Row("np.linalg.svd(x)", x=A(3, 3)), Row("np.linalg.svd(x, compute_uv=False)", x=A(2, 4, 3)),
    Row("np.linalg.pinv(x)", x=A(2, 4)), Row("np.linalg.pinv(x + x.T, hermitian=True)", x=A(3, 3)),
    Row("np.linalg.lstsq(x, y, rcond=None)[0]", x=A(5, 2), y=A(5, seed=1)),
    Row("np.linalg.lstsq(x, y, rcond=None)[1]", x=A(5, 2), y=A(5, seed=1)),
    Row("np.linalg.lstsq(x, y, rcond=None)[1]", x=A(5, 2), y=A(5, 3, seed=1)),
    Row("np.linalg.lstsq(x, y, rcond=None)[3]", x=A(5, 2), y=A(5, 3, seed=1)),
    Row("np.linalg.multi_dot([x, y, x, y[:, 0]])", x=A(2, 3), y=A(3, 2)),
    Row("np.partition(x, 2, axis=0)", x=A(5, 3)), Row("np.partition(x, 2, axis=None)", x=A(5, 3)),
    Row("np.partition(x, (1, 3))", x=A(2, 6)),
    Row("np.average(x, axis=1, weights=w)", x=A(3, 4), w=A(4, seed=1)),
    Row("np.average(x, axis=1, weights=w, keepdims=True)", x=A(3, 4), w=A(3, 4, seed=1)),
    Row("np.average(x, axis=0)", x=A(3, 4)), Row("np.average(x, weights=w)", x=A(3, 4), w=A(3, 4, seed=1)),
    Row("np.arange(x, x + 3)", x=0.5), Row("np.arange(x, 5 * x, x)", x=0.7),
]


@pytest.mark.parametrize("row", WITHOUT_A_NUMBER, ids=lambda row: row.id)
def test_what_has_a_declaration_of_its_own(row):
    assert_tangent(row.function(), tuple(row.args.values()), row.wrt, rtol=1e-5, atol=1e-6)
    if not row.text.endswith(("[1]", "[3]")) or "lstsq" not in row.text:    # reverse mode refuses these
        assert_transpose(row.function(), tuple(row.args.values()), row.wrt)


@pytest.mark.parametrize("text, args", [
    ("sl.solve(a, b)", (positive(3), A(3))), ("sl.solve(a, b)", (positive(3), A(3, 2))),
    ("sl.solve_triangular(a, b, lower=True)", (positive(3), A(3))),
    ("sl.solve_triangular(a, b, trans=1)", (positive(3), A(3, 2))),
    ("sl.solve_triangular(a, b, unit_diagonal=True)", (A(3, 3) / 4, A(3, 2))),
    ("sl.cholesky(a) * b", (positive(3), A(3))), ("sl.cholesky(a, lower=True) * b", (positive(3), A(3))),
    ("sl.expm(a) * b", (A(3, 3) / 3, A(3))), ("sl.sqrtm(a) * b", (positive(3), A(3))),
    ("sl.inv(a) * b", (positive(3), A(3))), ("sl.det(a) * b", (positive(3), A(3)))])
def test_functions_of_scipy(text, args):
    sl = pytest.importorskip("scipy.linalg")
    f = function(f"def f(a, b):\n    return {text}", sl=sl)
    assert_tangent(f, args, rtol=1e-5, atol=1e-7)
    assert_transpose(f, args)
