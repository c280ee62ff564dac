"""Every gate in forward mode, by the table of calls that reverse mode is tested with: right, or refused by name.

A gate that has neither a tangent nor a row in REFUSED fails the suite.
"""
import numpy as np
import pytest
from directions import assert_tangent
from test_gates import TABLE, Row

import revad
from revad.rules.tangents import declaration
from revad.types import registry

# Gates whose results are arrays and that have no tangent in forward mode; some have one for a number.
REFUSED = {"cumprod", "qr", "pinv", "lstsq", "svd", "svdvals", "partition", "multi_dot", "unique", "arange",
           "kaiser", "view", "text"}
OF_SCIPY = {"solve", "solve_triangular", "cholesky", "expm", "sqrtm", "factorial", "comb"}
IN_PART = {"average", "interp", "gradient", "prod", "quantile", "percentile", "cholesky", "einsum", "polyval",
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
    # Other tests declare rules of their own.
    gates = {gate for gate in gates if not any(function.__module__.startswith(("test_", "example"))
                                               for function in (gate.rule, *gate.functions)
                                               if getattr(function, "__module__", None))}
    lacking = {gate.name for gate in gates if gate.mode == "adjoint" and declaration(gate) is None}
    own = {name for name in lacking if not name.startswith("_")}
    assert own <= REFUSED | OF_SCIPY | OF_NUMBERS, own - REFUSED - OF_SCIPY - OF_NUMBERS


@pytest.mark.parametrize("text", ["np.cumprod(x)", "np.linalg.qr(x)[1]", "np.linalg.pinv(x)",
                                  "np.partition(x, 1)", "np.linalg.svd(x)[1]"])
def test_what_has_no_tangent_is_refused_with_place_and_reason(text):
    row = Row(text, x=np.arange(9.0).reshape(3, 3) ** 2 + np.eye(3))
    with pytest.raises(revad.UnsupportedError, match="no tangent for it in forward mode") as refused:
        revad.jvp(row.function())(row.args["x"], tangents=row.args["x"])
    assert "^^^" in str(refused.value) and "grad or vjp" in str(refused.value)
