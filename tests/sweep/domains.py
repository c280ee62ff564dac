"""What each parameter of each function may be: the table that is compared with the signatures of NumPy.

A `Call` has the spellings of one function or of several with the same parameters, and the values of each
parameter as texts over x, y and z; "" leaves it out. A name with a space or a bracket in it is an
expression as it stands.
"""
import math

import numpy as np

ALL, POSITIVE, UNIT, ABOVE_ONE = (-2.0, 2.0), (0.3, 3.0), (-0.9, 0.9), (1.2, 3.0)

# --- the shapes of x, of x and y, of x, y and z

ONE = [(s,) for s in [(3,), (2, 3), (), (1,), (0,), (2,), (1, 3), (3, 1), (0, 2), (2, 0), (2, 1, 3),
                      (3, 2, 2), (1, 2, 3, 2), (2, 1, 1, 2)]]
TWO = [((3,), (3,)), ((2, 3), (3,)), ((), ()), ((), (3,)), ((3,), ()), ((2, 1), (3,)), ((2, 1), (1, 3)),
       ((1,), (3,)), ((2, 3), (1,)), ((3, 1, 2), (2, 1)), ((0,), (1,)), ((2, 0), (1, 1)),
       ((1, 1, 2), (2, 3, 1, 1)), ((2,), (3,)), ((1,), (1,)), ((0,), ()), ((2, 2, 1, 2), (2,))]
THREE = [(a, b, b[-1:]) for a, b in TWO] + [((3,), (2, 1), ()), ((), (3,), (2, 1)), ((1, 3), (), (2, 3))]
SAME = [(s, s) for (s,) in ONE] + [((2, 3), (2, 1)), ((2, 3), (1, 3)), ((3,), (2, 3)), ((2, 3), (3,)),
                                   ((), (3,)), ((3,), (2,))]
PRODUCT = [((3,), (3,)), ((2, 3), (3,)), ((3,), (3, 2)), ((2, 3), (3, 2)), ((2, 2, 3), (3, 1)),
           ((2, 3), (2, 3, 2)), ((2, 1, 3), (3, 2)), ((1, 3), (3, 1)), ((0, 3), (3, 2)), ((2, 0), (0, 3)),
           ((3,), (2, 3, 2)), ((2, 2, 3), (3,)), ((), (3,)), ((2, 3), ()), ((), ()), ((1,), (1,)),
           ((2, 1, 2, 3), (3, 3, 2)), ((2, 3), (2,)), ((0,), (0,)), ((1, 1), (1, 1)), ((2, 3), (2, 3))]
SQUARE = [(s,) for s in [(3, 3), (2, 2), (1, 1), (2, 2, 2), (1, 3, 3), (0, 0), (2, 0, 0), (2, 3), (3,), (),
                         (2, 1, 2, 2), (1, 1, 1)]]
MATRIX = [(s,) for s in [(3, 2), (2, 3), (2, 2), (1, 3), (3, 1), (1, 1), (2, 3, 2), (1, 2, 2), (0, 2),
                         (2, 0), (3,), (), (2, 1, 3, 2)]]
SYSTEM = [((3, 3), (3,)), ((3, 3), (3, 2)), ((2, 2, 2), (2, 2, 1)), ((2, 2), (3, 2, 2)), ((1, 1), (1,)),
          ((2, 3, 3), (3, 1)), ((0, 0), (0,)), ((2, 3), (2,)), ((1, 2, 2), (2, 2, 3)), ((2, 2, 2), (2, 2))]
FITTED = [((3, 2), (3,)), ((3, 2), (3, 2)), ((2, 3), (2,)), ((2, 2), (2, 1)), ((1, 1), (1,)),
          ((3, 1), (3, 3)), ((0, 2), (0,)), ((3,), (3,))]
VECTORS = [((3,), (2,)), ((2,), (3,)), ((3,), (3,)), ((1,), (3,)), ((3,), (1,)), ((1,), (1,)), ((0,), (2,)),
           ((2, 2), (2,)), ((), (3,)), ((3,), ()), ((), ())]
CROSSED = [((3,), (3,)), ((2, 3), (3,)), ((2, 3), (2, 3)), ((1, 3), (2, 3)), ((2, 1, 3), (2, 3)),
           ((3, 2), (3, 2)), ((2,), (2,)), ((3,), (2,)), ((0, 3), (3,)), ((3, 3), (3, 3))]
NUMBERS = [((),), ((1,),), ((3,),)]
PAIRS = [((), ()), ((), (1,)), ((3,), (3,)), ((3,), ())]
LISTED = [((3,),), ((0,),), ((1,),), ((2, 3),), ((1, 3),), ((3, 1),), ((),), ((2, 2, 2),)]

# --- the values of parameters

AXIS = ["", "None", "0", "-1", "1", "(0, 1)", "(-1, 0)", "()", "(0,)", "2", "np.int64(0)", "[0, 1]"]
ALONG = ["", "0", "-1", "1", "None", "-2", "2"]
SOME = ["", "True", "False"]
OUT = ["", "None", "np.zeros(np.shape(x))", "np.zeros(())"]
DTYPE = ["", "None", "np.float64", "float", "np.float32", "'float64'", "int"]
CHOSEN = ["", "True", "x > 0", "np.abs(x) > 0.5", "[True]", "False", "np.True_"]
INITIAL = ["", "2.0", "-1", "0", "np.float64(0.5)"]
ORDER = ["", "'C'", "'F'", "'A'", "'K'"]
CASTING = ["", "'same_kind'", "'unsafe'", "'no'"]
LIKE = {"device": ["", "None", "'cpu'"], "like": ["", "None"]}
SHAPE = ["3", "(2, 3)", "()", "(0,)", "np.shape(x)", "[2, 1]", "(1, 2, 1)"]
OFFSET = ["", "0", "1", "-1", "5"]
UFUNC = dict(out=["", "None", "np.zeros(np.shape(x))"], where=["", "True", "x > 0", "False"], casting=CASTING,
             order=["", "'K'", "'C'", "'F'"], dtype=["", "None", "float", "np.float32", "int"],
             subok=SOME, signature=["", "None", "'d->d'"])
METHODS = ["", *(f"'{m}'"
                 for m in "linear lower higher midpoint nearest inverted_cdf averaged_inverted_cdf "
                          "closest_observation interpolated_inverted_cdf hazen weibull "
                 "median_unbiased normal_unbiased".split())]
PADS = [f"'{m}'"
        for m in "constant edge reflect symmetric wrap linear_ramp maximum mean median minimum empty".split()]
SORTS = ["", "None", "'quicksort'", "'stable'", "'heapsort'"]


class Call:
    """Functions with the same parameters.

    `around`: what is made of the result, as {}. `as_method`: the name as a method of x, the first
    parameter.
    """

    def __init__(self, names, shapes, limits=ALL, around="{}", as_method=None, **parameters):
        self.names, self.shapes, self.limits, self.around, self.as_method = (names, shapes, limits,
                                                                             around, as_method)
        self.parameters = {name.rstrip("_"): values if isinstance(values, list) else [values]
                           for name, values in parameters.items()}


CARRIED = "{} * (np.sum(x) * 0.5 + 30)"          # for what has no derivative itself
FIRST = "{}[0] * (np.sum(x) * 0.5 + 30)"


def ufuncs(names, shapes, limits=ALL, around="{}", **others):
    operands = dict(zip(("x1", "x2"), ("x", "y"))) if len(shapes[0]) == 2 else {"x": "x"}
    return [Call(f"np.{name}", shapes, limits, around, **operands, **{**UFUNC, **others})
            for name in names.split()]


def reduction(names, **parameters):
    return Call(names, ONE, a="x", axis=AXIS, **parameters)


CALLS = [
    *ufuncs("exp exp2 expm1 sin cos sinh cosh tanh arcsinh arctan cbrt square negative positive absolute "
            "fabs deg2rad radians rad2deg degrees conjugate", ONE),
    *ufuncs("log log2 log10 log1p sqrt reciprocal", ONE, POSITIVE),
    *ufuncs("tan arcsin arccos arctanh", ONE, UNIT), *ufuncs("arccosh", ONE, ABOVE_ONE),
    *ufuncs("add subtract multiply maximum minimum fmax fmin logaddexp logaddexp2 copysign heaviside", TWO),
    *ufuncs("divide power float_power remainder fmod arctan2 hypot", TWO, POSITIVE),
    *ufuncs("sign trunc rint floor ceil logical_not isnan isinf isfinite signbit invert", ONE,
            around=CARRIED),
    *ufuncs("floor_divide less less_equal greater greater_equal equal not_equal logical_and logical_or "
            "logical_xor bitwise_and bitwise_or bitwise_xor left_shift right_shift",
            TWO, POSITIVE, around=CARRIED),
    Call("np.matmul", PRODUCT, x1="x", x2="y", **{**UFUNC, "where": [""]},
         axes=["", "[(-2, -1), (-2, -1), (-2, -1)]"], axis=["", "-1"], keepdims=SOME),
    Call("np.vecdot", CROSSED, x1="x", x2="y", **{**UFUNC, "where": [""]}, axes=["", "[-1, -1, ()]"],
         axis=["", "-1", "0"], keepdims=SOME),
    *[Call(f"divmod(x, y)[{part}] * (np.sum(x) * 0.5 + 30)", TWO, POSITIVE) for part in (0, 1)],
    *[call for part in (0, 1)
      for call in ufuncs("divmod", TWO, POSITIVE, f"{{}}[{part}] * (np.sum(x) * 0.5 + 30)")],
    *[Call(f"x {symbol} y", TWO, POSITIVE) for symbol in "+ - * / ** %".split()], Call("x @ y", PRODUCT),
    Call("-x + +x * 2", ONE),
    *[Call(f"(x {symbol} y) * (x + 10.0)", TWO) for symbol in "// < <= > >= == != & | ^ << >>".split()],
    Call("~(x > 0) * x", ONE), Call("(not x) * (x + 10.0)", NUMBERS),
    *[Call(text, ONE) for text in ("x ** 2", "x ** 3 + 1", "2 ** x", "2.0 ** -x", "x ** -1.0", "x ** 0",
                                   "1 / x", "x ** 0.0", "3 - x", "x * 2 ** 3")],
    *[Call(f"operator.{name}(x, y)", TWO, POSITIVE) for name in "add sub mul truediv pow mod".split()],
    Call("operator.matmul(x, y)", PRODUCT),
    *[Call(f"operator.{name}(x)", ONE) for name in "neg pos abs".split()],
    Call("operator.not_(x) * (x + 10.0)", NUMBERS), Call("abs(x)", ONE),

    Call("np.sum np.prod", ONE, a="x", axis=AXIS, dtype=DTYPE, out=OUT, keepdims=SOME,
         initial=INITIAL + ["x[0]", "np.sum(x)"], where=CHOSEN),
    Call("np.nansum np.nanprod", ONE, a="x", axis=AXIS, dtype=DTYPE, out=OUT, keepdims=SOME,
         initial=INITIAL, where=CHOSEN),
    *[Call(f"x.{name}", ONE, as_method=name, a="x", axis=AXIS, dtype=DTYPE, out=OUT, keepdims=SOME,
           initial=INITIAL, where=CHOSEN) for name in ("sum", "prod")],
    Call("np.max np.min np.amax np.amin np.nanmax np.nanmin", ONE, a="x", axis=AXIS, out=OUT, keepdims=SOME,
         initial=INITIAL, where=CHOSEN),
    *[Call(f"x.{name}", ONE, as_method=name, a="x", axis=AXIS, out=OUT, keepdims=SOME, initial=INITIAL,
           where=CHOSEN) for name in ("max", "min")],
    Call("np.mean np.nanmean", ONE, a="x", axis=AXIS, dtype=DTYPE, out=OUT, keepdims=SOME, where=CHOSEN),
    Call("x.mean", ONE, as_method="mean", a="x", axis=AXIS, dtype=DTYPE, out=OUT, keepdims=SOME,
         where=CHOSEN),
    Call("np.var np.std np.nanvar np.nanstd", ONE, a="x", axis=AXIS, dtype=DTYPE, out=OUT,
         ddof=["", "0", "1", "0.5"], keepdims=SOME, where=CHOSEN,
         mean=["", "np.mean(x, keepdims=True)", "0.5"], correction=["", "1", "0"]),
    *[Call(f"x.{name}", ONE, as_method=name, a="x", axis=AXIS, dtype=DTYPE, out=OUT,
           ddof=["", "0", "1", "0.5"], keepdims=SOME, where=CHOSEN) for name in ("var", "std")],
    reduction("np.ptp", out=OUT, keepdims=SOME),
    reduction("np.median", out=OUT, overwrite_input=SOME, keepdims=SOME),
    Call("np.average", ONE, a="x", axis=AXIS,
         weights=["", "None", "np.abs(x) + 0.5", "np.ones(np.shape(x)[-1:])", "[1.0, 2.0, 0.5]"],
         returned=SOME, keepdims=SOME),
    Call("np.average", SAME, POSITIVE, a="x", axis=["", "None", "0", "-1"], weights="y",
         returned=["", "False"], keepdims=SOME),
    Call("np.quantile", ONE, a="x", q=["0.3", "0.5", "0", "1.0", "[0.2, 0.5]", "np.array(0.25)"], axis=AXIS,
         out=OUT, overwrite_input=SOME, method=METHODS, keepdims=SOME,
         weights=["", "None", "np.ones(np.shape(x))"]),
    Call("np.percentile", ONE, a="x", q=["30", "50.0", "0", "100", "[20, 50]"], axis=AXIS, out=OUT,
         overwrite_input=SOME, method=METHODS, keepdims=SOME, weights=["", "None", "np.ones(np.shape(x))"]),
    *[Call(f"np.{name}.reduce", ONE, array="x", axis=AXIS, dtype=DTYPE, out=OUT, keepdims=SOME,
           initial=INITIAL, where=CHOSEN) for name in ("add", "multiply", "maximum", "minimum")],
    *[Call(f"np.{name}.outer", VECTORS + [((2, 2), (3,)), ((2, 1), (1, 2, 2))], A="x", B="y", dtype=DTYPE)
      for name in ("add", "subtract", "multiply")],
    Call("np.cumsum np.cumprod", ONE, a="x", axis=ALONG, dtype=DTYPE, out=OUT[:3]),
    *[Call(f"x.{name}", ONE, as_method=name, a="x", axis=ALONG, dtype=DTYPE, out=OUT[:3])
      for name in ("cumsum", "cumprod")],
    Call("np.maximum.accumulate np.minimum.accumulate", ONE, array="x", axis=["", "0", "-1", "1", "-2", "2"],
         dtype=["", "None", "float"], out=OUT[:3]),
    Call("np.cov", ONE, m="x", y=["", "None", "x", "x[::-1]"], rowvar=SOME, bias=SOME,
         ddof=["", "None", "0", "1", "2"], fweights=["", "None"], aweights=["", "None"],
         dtype=["", "None", "float"]),
    Call("np.corrcoef", ONE, x="x", y=["", "None", "x**2", "np.sin(x)"], rowvar=SOME,
         dtype=["", "None", "float"]),
    Call("np.choose", TWO, a=["[0, 1, 0]", "1", "x > 0", "(x > 0).astype(int)", "[[1], [0]]", "[0, 2, 1]"],
         choices=["[x, y]", "(x, 2.0)", "[x * y, -x]", "np.stack([x, x])"], out=["", "None"],
         mode=["", "'raise'", "'wrap'", "'clip'"]),
    Call("np.diff", ONE, a="x", n=["", "0", "1", "2", "5", "-1"], axis=["", "0", "-1", "1", "-2"],
         prepend=["", "0", "2.0", "x", "x[..., :1]", "np.sum(x)"], append=["", "1.0", "x", "x[..., -1:]"]),
    Call("np.ediff1d", ONE, ary="x", to_end=["", "None", "1.0", "[1.0, 2]", "x"],
         to_begin=["", "None", "0.0", "x"]),
    Call("np.gradient", ONE, f="x", varargs=["", "0.5", "2", "np.arange(3.0) ** 2", "0.5, 2.0", "x"],
         axis=["", "None", "0", "-1", "(0, 1)", "(0,)", "[-1]"], edge_order=["", "1", "2"]),
    Call("np.trapezoid" if hasattr(np, "trapezoid") else "np.trapz", ONE, y="x",
         x=["", "None", "np.arange(3.0) ** 2", "x * x", "np.arange(x.shape[-1])"],
         dx=["", "0.5", "2", "np.sum(x)"],
         axis=["", "-1", "0", "1"]),
    Call("np.convolve", VECTORS, a="x", v="y", mode=["", "'full'", "'same'", "'valid'"]),
    Call("np.correlate", VECTORS, a="x", v="y", mode=["", "'full'", "'same'", "'valid'"]),

    Call("np.linalg.norm", ONE, x="x",
         ord=["", "None", "1", "2", "3", "-1", "-2", "0", "0.5", "np.inf", "-np.inf", "'fro'", "'nuc'"],
         axis=["", "None", "0", "-1", "(0, 1)", "(1, 0)", "(-1, -2)", "1"], keepdims=SOME),
    Call("np.linalg.vector_norm", ONE, x="x", axis=AXIS, keepdims=SOME,
         ord=["", "1", "2", "3", "-1", "0", "0.5", "np.inf", "-np.inf"]),
    Call("np.linalg.matrix_norm", MATRIX, x="x", keepdims=SOME,
         ord=["", "'fro'", "'nuc'", "1", "2", "-1", "-2", "np.inf", "-np.inf"]),
    Call("np.linalg.cond", SQUARE, x="x", p=["", "None", "1", "2", "-2", "'fro'", "np.inf"]),
    Call("np.linalg.inv np.linalg.det np.linalg.slogdet", SQUARE, a="x"),
    Call("np.linalg.solve", SYSTEM, a="x", b="y"),
    Call("np.linalg.matrix_power", SQUARE, a="x", n=["2", "0", "1", "3", "-1", "-2", "np.int64(2)"]),
    Call("np.linalg.multi_dot", SQUARE, arrays=["[x, x]", "[x, x, x]", "(x, x)"], out=["", "None"]),
    Call("np.linalg.lstsq", FITTED, a="x", b="y", rcond=["", "None", "-1", "1e-9"], around="{}[0]"),
    Call("np.linalg.pinv", MATRIX, a="x", rcond=["", "None", "1e-9"], hermitian=SOME,
         rtol=["", "None", "1e-9"]),
    Call("np.linalg.cholesky", SQUARE,
         a="x @ np.swapaxes(x, -1, -2) + 2 * np.eye(np.shape(x)[-1])", upper=SOME),
    Call("np.linalg.eigh np.linalg.eigvalsh", SQUARE, a=["x + np.swapaxes(x, -1, -2)", "x"],
         UPLO=["", "'L'", "'U'"]),
    Call("np.linalg.svd", MATRIX, a=["x"], full_matrices=SOME, compute_uv=SOME, hermitian=SOME),
    Call("np.linalg.svdvals", MATRIX, x="x"),
    Call("np.linalg.qr", MATRIX, a="x", mode=["", "'reduced'", "'complete'", "'r'", "'raw'"]),
    Call("np.linalg.matrix_rank", MATRIX, A="x", tol=["", "None", "1e-9"], hermitian=SOME,
         rtol=["", "None", "1e-9"], around=CARRIED),
    Call("np.linalg.vecdot", CROSSED, x1="x", x2="y", axis=["", "-1", "0"]),
    Call("np.linalg.trace", MATRIX, x="x", offset=OFFSET, dtype=DTYPE),
    Call("np.linalg.diagonal", MATRIX, x="x", offset=OFFSET),
    Call("np.linalg.outer", VECTORS, x1="x", x2="y"),
    Call("np.linalg.cross", CROSSED, x1="x", x2="y", axis=["", "-1", "0"]),
    Call("np.linalg.matmul", PRODUCT, x1="x", x2="y"),
    Call("np.linalg.matrix_transpose np.matrix_transpose", ONE, x="x"),
    Call("np.tensordot", PRODUCT, a="x", b="y",
         axes=["", "0", "1", "2", "([0], [0])", "((-1,), (0,))", "(0, 0)", "[[0, 1], [0, 1]]", "(-1, -1)"]),
    Call("np.linalg.tensordot", PRODUCT, x1="x", x2="y",
         axes=["", "0", "1", "2", "([0], [0])", "((-1,), (0,))"]),
    Call("np.dot np.outer", PRODUCT, a="x", b="y", out=["", "None"]),
    Call("x.dot", PRODUCT, as_method="dot", a="x", b="y", out=["", "None"]),
    Call("np.vdot np.inner", PRODUCT, a="x", b="y"),
    Call("np.kron", TWO, a="x", b="y"),
    Call("np.cross", CROSSED, a="x", b="y", axisa=["", "-1", "0"], axisb=["", "-1", "0"],
         axisc=["", "-1", "0"], axis=["", "None", "-1", "0"]),
    Call("np.einsum", PRODUCT,
         operands=["'ij,jk->ik', x, y", "'...j,jk->...k', x, y", "'i,i', x, y", "'i,i->i', x, y",
                   "'ij,j', x, y", "'...,...', x, y", "'ij,ij->', x, y", "'ii,ij->j', x, y",
                   "'i...->...', x", "'ij->ji', x", "'...ij->...ji', x", "',i', x, y",
                   "x, [0, 1], y, [1, 2]"],
         out=["", "None"], optimize=["", "True", "False", "'greedy'"], dtype=["", "None", "float"],
         order=["", "'K'"], casting=["", "'safe'"]),

    Call("np.clip", THREE, a="x", a_min=["y", "None", "-0.5", "[0.0]"], a_max=["z", "None", "0.7", "1"],
         out=["", "None"], dtype=["", "float"], where=["", "True"]),
    Call("np.clip", THREE, a="x", min=["", "y", "None", "-0.5"], max=["", "z", "None", "0.7"],
         out=["", "None"]), Call("x.clip", THREE, as_method="clip", a="x", min=["", "y", "None", "-0.5"],
                               max=["", "z", "None", "0.7"], out=["", "None"]),
    Call("np.where", THREE, condition=["z > 0", "x > y", "True", "[True]", "z"], x="x", y=["y", "0.0", "2"]),
    Call("np.where", ONE, condition="x > 0", around=FIRST),
    Call("np.select", THREE, condlist=["[x > 1, x > 0]", "[x > 0]", "(y > 0, z > 0)"],
         choicelist=["[x, y]", "[y * 2]", "[x, 1.0]", "(y, z)"], default=["", "0", "x", "2.5", "z"]),
    Call("np.nan_to_num", ONE, x="x", copy=SOME, nan=["", "0.0", "1", "x"], posinf=["", "None", "1.0"],
         neginf=["", "None", "-1.0"]),
    Call("np.sinc", ONE, x="x"), Call("np.real", ONE, val="x"), Call("np.imag", ONE, val="x", around=CARRIED),
    Call("np.real_if_close", ONE, a="x", tol=["", "100", "1.5"]),
    Call("np.fix", ONE, x="x", out=["", "None"], around=CARRIED),
    Call("np.round", ONE, a="x", decimals=["", "0", "1", "-1"], out=["", "None"], around=CARRIED),
    Call("x.round", ONE, as_method="round", a="x", decimals=["", "0", "1", "-1"], out=["", "None"],
         around=CARRIED),

    Call("np.concatenate", SAME,
         arrays=["[x, y]", "(x, y)", "[x, y, x]", "[x]", "x", "[x, x * 2]", "[x, [1.0]]"],
         axis=["", "0", "-1", "1", "None", "-2"], out=["", "None"], dtype=["", "None", "float", "np.float32"],
         casting=CASTING),
    Call("np.stack", SAME, arrays=["[x, y]", "(x, y)", "[x]", "x", "[x, x, y]", "[x, 1.0]"],
         axis=["", "0", "-1", "1", "2", "-3"], out=["", "None"], dtype=["", "None", "float"],
         casting=CASTING),
    Call("np.hstack np.vstack", SAME, tup=["[x, y]", "(x, y, x)", "x", "[x]", "[x, 1.0]"],
         dtype=["", "None", "float"], casting=CASTING),
    Call("np.dstack np.column_stack", SAME, tup=["[x, y]", "(x, y, x)", "x", "[x]"]),
    *[Call(text, SAME) for text in ("np.c_[x, y]", "np.c_[x]", "np.r_[x, y]", "np.r_[x, 1.0, y]",
                                    "np.c_[x, x ** 2, y]")],
    Call("np.append", SAME, arr="x", values=["y", "1.0", "[]", "[x, y]"], axis=["", "None", "0", "-1"]),
    Call("np.unstack", ONE, x="x", axis=["", "0", "-1", "1"]),
    Call("np.block", SAME, arrays=["[x, y]", "[[x, y]]", "[[x], [y]]", "[[x, y], [y, x]]", "[[[x]], [[y]]]",
                                   "x", "[x, 1.0]", "[x, [y]]", "[]", "[[x, y], [y]]"]),
    Call("np.split np.array_split", ONE, ary="x",
         indices_or_sections=["1", "2", "3", "[1]", "[0, 2]", "(1, 1)", "[]", "[5]", "np.array([1])"],
         axis=["", "0", "-1", "1"]),
    Call("np.hsplit np.vsplit np.dsplit", ONE, ary="x", indices_or_sections=["1", "2", "[1]", "[0, 2]"]),
    Call("np.broadcast_arrays", TWO, args=["x, y", "x", "y, x, 1.0"], subok=SOME),
    Call("np.atleast_1d np.atleast_2d np.atleast_3d", TWO, arys=["x", "x, y"]),
    Call("np.meshgrid", VECTORS, xi=["x, y", "x", "y, x, y"], copy=SOME, sparse=SOME,
         indexing=["", "'xy'", "'ij'"]),

    Call("np.zeros np.ones", ONE, around="({0}) * 0 + np.sum(x ** 2)", shape=SHAPE, dtype=DTYPE,
         order=["", "'C'", "'F'"], **LIKE),
    Call("np.empty", ONE, around="np.size({0}) + np.sum(x ** 2)", shape=SHAPE, dtype=DTYPE,
         order=["", "'C'", "'F'"], **LIKE),
    Call("np.ndarray", ONE, around="np.size({}) + np.sum(x ** 2)", shape=SHAPE, dtype=["", "float"],
         buffer=["", "None"], offset=["", "0"], strides=["", "None"], order=["", "'C'", "None"]),
    Call("np.zeros_like np.ones_like", ONE, around=CARRIED, a="x", dtype=DTYPE, order=ORDER, subok=SOME,
         shape=["", "None", "3", "np.shape(x)", "(2,)"], device=["", "None", "'cpu'"]),
    Call("np.empty_like", ONE, around="{}.size + np.sum(x ** 2)", prototype="x", dtype=["", "None", "float"],
         order=ORDER, subok=SOME, shape=["", "None", "3"], device=["", "None"]),
    Call("np.eye np.tri", ONE, around=CARRIED, N=["3", "0", "1"], M=["", "None", "2"],
         k=["", "0", "1", "-1"], dtype=["", "float", "int"], order=["", "'C'"], **LIKE),
    Call("np.identity", ONE, around=CARRIED, n=["3", "0"], dtype=DTYPE, like=["", "None"]),
    *[Call(f"np.{name}", ONE, around=CARRIED, M=["3", "1", "0"])
      for name in "bartlett blackman hamming hanning".split()],
    Call("np.kaiser", NUMBERS, POSITIVE, M=["3", "1", "5"], beta=["x", "2.0"]),
    Call("np.arange", NUMBERS, POSITIVE, around=CARRIED, start_or_stop=["3", "1", "0.0"],
         stop=["", "5", "None"], step=["", "1", "2", "0.5"], dtype=["", "None", "float", "int"], **LIKE),
    Call("np.full", ONE, shape=SHAPE, fill_value=["x", "2.0", "np.sum(x)"], dtype=DTYPE,
         order=["", "'C'", "'F'"], **LIKE),
    Call("np.full_like", ONE, a=["x * 1.0", "np.zeros(3)"], fill_value=["x", "np.sum(x)", "2.0"],
         dtype=DTYPE, order=ORDER, subok=SOME, shape=["", "None", "3", "np.shape(x)"], device=["", "None"]),
    Call("np.linspace", TWO, start=["x", "0", "1.0"], stop=["y", "2.0"], num=["", "3", "1", "0", "2"],
         endpoint=SOME, retstep=SOME, dtype=["", "None", "float", "int"], axis=["", "0", "-1"],
         device=["", "None"]),

    Call("np.tril np.triu", ONE, m="x", k=OFFSET), Call("np.diag np.diagflat", ONE, v="x", k=OFFSET),
    Call("np.diagonal", ONE, a="x", offset=OFFSET, axis1=["", "0", "-1", "1"], axis2=["", "1", "0", "-2"]),
    Call("x.diagonal", ONE, as_method="diagonal", a="x", offset=OFFSET, axis1=["", "0", "-1", "1"],
         axis2=["", "1", "0", "-2"]),
    Call("np.trace", ONE, a="x", offset=OFFSET, axis1=["", "0", "-1", "1"], axis2=["", "1", "0", "-2"],
         dtype=DTYPE, out=["", "None"]),
    Call("x.trace", ONE, as_method="trace", a="x", offset=OFFSET, axis1=["", "0", "-1"],
         axis2=["", "1", "0"], dtype=DTYPE, out=["", "None"]),
    Call("np.flip", ONE, m="x", axis=AXIS), Call("np.fliplr np.flipud", ONE, m="x"),
    Call("np.rot90", ONE, m="x", k=["", "1", "2", "-1", "4"],
         axes=["", "(0, 1)", "(1, 0)", "(-1, 0)", "[0, -1]"]),
    Call("np.roll", ONE, a="x", shift=["1", "-2", "0", "(1, 2)", "7", "[1]", "np.array([1, 2])"],
         axis=["", "None", "0", "-1", "(0, 1)", "(0, 0)"]),
    Call("np.tile", ONE, A="x",
         reps=["2", "(2, 1)", "(1, 2)", "0", "()", "(2, 1, 1, 2)", "[2]", "np.array([1, 2])"]),
    Call("np.repeat", ONE, a="x", repeats=["2", "0", "[2]", "[1, 0, 2]", "np.array([1, 2])", "(3,)",
                                           "np.int64(2)"], axis=["", "None", "0", "-1", "1"]),
    Call("x.repeat", ONE, as_method="repeat", a="x", repeats=["2", "0", "[1, 0, 2]"],
         axis=["", "None", "0", "-1"]),
    Call("np.pad", ONE, array="x",
         pad_width=["1", "(1, 2)", "0", "((1, 0), (0, 2))", "[[1, 1]]", "5", "((1, 2),)"], mode=["", *PADS],
         constant_values=["", "2.0", "(1, 2)", "((1, 2), (3, 4))"],
         stat_length=["", "1", "None"], end_values=["", "1.0"], reflect_type=["", "'even'", "'odd'"]),
    Call("np.reshape", ONE, a="x",
         shape_=["-1", "(1, -1)", "(-1, 1)", "np.shape(x)[::-1]", "(3, 2)", "[3]", "()", "(-1, 2)"],
         order=["", "'C'", "'F'", "'A'"], copy=["", "None", "True"]),
    *[Call(text, ONE) for text in ("x.reshape(-1)", "x.reshape(1, -1)", "x.reshape((-1, 1))",
                                   "x.reshape(x.shape[::-1], order='F')", "x.reshape(x.size)",
                                   "x.reshape(-1, order='A')", "x.reshape([])")],
    Call("np.ravel", ONE, a="x", order=ORDER), Call("x.ravel", ONE, as_method="ravel", a="x", order=ORDER),
    Call("np.array(x.tolist()) * 2", ONE), Call("sum(x.tolist())", ONE),
    Call("x.flatten", ONE, as_method="flatten", a="x", order=ORDER),
    Call("np.transpose", ONE, a="x",
         axes=["", "None", "(1, 0)", "[-1, 0]", "(0,)", "(0, 2, 1)", "()", "(0, 0)"]),
    *[Call(text, ONE) for text in ("x.T", "x.transpose()", "x.transpose(1, 0)", "x.transpose((0, -1))",
                                   "x.transpose(None)", "x.real + x.imag", "x.view()", "x.item()",
                                   "x.item(0)", "x.item(-1)", "x.item(0, 1)",
                                   "x * x.size * x.ndim + x.itemsize", "x * x.strides[0]", "x * x.shape[0]",
                                   "x.conj() * x.conjugate()", "x.mT", "x[x.nonzero()]", "x * len(x)",
                                   "np.conj(x)", "np.multiply(x, x, x * 0)")],
    Call("np.swapaxes", ONE, a="x", axis1=["0", "-1", "1"], axis2=["-1", "0", "-2"]),
    Call("x.swapaxes", ONE, as_method="swapaxes", a="x", axis1=["0", "-1", "1"], axis2=["-1", "0"]),
    Call("np.moveaxis", ONE, a="x", source=["0", "[0, 1]", "(-1,)", "1", "(0, 0)"],
         destination=["-1", "[1, 0]", "(0,)", "(-1, -2)", "0"]),
    Call("np.expand_dims", ONE, a="x", axis=["0", "-1", "1", "(0, -1)", "[0, 2]", "()", "(0, 0)"]),
    Call("np.squeeze", ONE, a="x", axis=["", "None", "0", "-1", "(0, 2)", "()", "1", "[0]"]),
    Call("x.squeeze", ONE, as_method="squeeze", a="x", axis=["", "None", "0", "-1", "(0, 2)", "()"]),
    Call("np.broadcast_to", ONE, array="x",
         shape=["(2, 3)", "3", "(2,) + np.shape(x)", "()", "[3, 3]", "np.shape(x)"], subok=SOME),
    Call("np.copy", ONE, a="x", order=ORDER, subok=SOME),
    Call("x.copy", ONE, as_method="copy", a="x", order=ORDER),
    Call("x.astype", ONE, as_method="astype", a="x",
         dtype=["float", "np.float32", "int", "'float64'", "bool"], order=ORDER, casting=CASTING,
         subok=SOME, copy=SOME),
    Call("np.astype", ONE, x="x", dtype=["float", "np.float32", "int"], copy=SOME, device=["", "None"]),
    Call("np.array", TWO, object=["x", "[x, y]", "[x, 1.0]", "(x, x)", "[[x, x], [x, 2]]"],
         dtype=["", "None", "float", "np.float32", "int"], copy=["", "True", "False", "None"],
         order=ORDER, subok=SOME,
         ndmin=["", "0", "3"], ndmax=["", "0", "1"], like=["", "None"]),
    Call("np.asarray np.asanyarray", TWO, a=["x", "[x, y]", "(x, 2.0)"], dtype=DTYPE,
         order=["", "None", *ORDER[1:]], copy=["", "None", "True", "False"], **LIKE),
    Call("np.asarray_chkfinite", TWO, a=["x", "[x, y]"], dtype=["", "None", "float"],
         order=["", "None", "'C'"]),
    Call("np.ascontiguousarray np.asfortranarray", TWO, a=["x", "[x, y]"], dtype=DTYPE, like=["", "None"]),
    Call("np.require", ONE, a="x", dtype=["", "None", "float"],
         requirements=["", "None", "'C'", "['F']", "['C', 'W']"], like=["", "None"]),
    Call("np.lib.stride_tricks.sliding_window_view", ONE, x="x",
         window_shape=["1", "2", "(2, 1)", "(1, 2)", "3", "[1]"],
         axis=["", "None", "0", "-1", "(0, 1)", "(0, 0)"], subok=SOME, writeable=["", "False"]),
    Call("np.lib.stride_tricks.as_strided", [((3,),), ((2, 3),), ((1, 3),)], x="x",
         shape_=["", "np.shape(x)", "(1, 1)", "(1,)"], strides=["", "x.strides", "(0, 0)"], subok=SOME,
         writeable=SOME),

    Call("np.take", ONE, a="x",
         indices=["0", "-1", "[0, 0, -1]", "[[0], [0]]", "[]", "np.array(0)", "np.array([1, 0])", "1", "7",
                  "np.array([True, False])"], axis=["", "None", "0", "-1", "1"], out=["", "None"],
         mode=["", "'raise'", "'clip'", "'wrap'"]),
    Call("x.take", ONE, as_method="take", a="x", indices=["0", "[0, 0, -1]", "7"],
         axis=["", "None", "0", "-1"], out=["", "None"], mode=["", "'clip'", "'wrap'"]),
    Call("np.compress", ONE, condition=["[True, False]", "[True]", "[0, 1, 1]", "np.ravel(x) > 0", "[]",
                                        "np.array([False, True])"], a="x", axis=ALONG, out=["", "None"]),
    Call("np.extract", SAME, condition=["x > 0", "y > 0", "[True]", "np.ravel(x) > 0.5", "[0, 1]"], arr="x"),
    Call("np.take_along_axis", ONE, arr="x",
         indices=["np.argsort(x, axis=-1)", "np.zeros(np.shape(x), int)", "np.zeros((1, 1), int)",
                  "np.argmax(x, axis=-1, keepdims=True)"], axis=["", "-1", "0", "None"]),
    Call("np.sort", ONE, a="x", axis=ALONG, kind=SORTS, order=["", "None"], stable=["", "None", "True"]),
    Call("np.partition", ONE, a="x", kth=["0", "1", "-1", "[0, -1]", "(0, 1)"], axis=ALONG,
         kind=["", "'introselect'"],
         order=["", "None"]),
    Call("np.interp", VECTORS + [((2, 3), (3,))], x=["x", "0.3"], xp=["np.arange(len(y))", "np.arange(3.0)"],
         fp="y", left=["", "None", "0.5", "x[0]"], right=["", "None", "1.0"], period=["", "None", "2.0"]),
    Call("np.delete", ONE, arr="x",
         obj=["0", "-1", "[0, -1]", "slice(0, 1)", "[]", "np.array([True, False, False])", "1", "7"],
         axis=["", "None", "0", "-1", "1"]),
    Call("np.polyval", VECTORS + [((3,), (2, 2))], p=["x", "[1.0, 2.0]"], x="y"),
    Call("np.unique", ONE, ar="x", return_index=SOME, return_inverse=SOME, return_counts=SOME,
         axis=["", "None", "0"], equal_nan=SOME, sorted=SOME),
    Call("np.bincount", [((3,),), ((0,),), ((2,),), ((1,),), ((2, 2),)],
         x=["np.arange(len(x))", "np.zeros(len(x), int)"], weights=["x", "None"], minlength=["", "0", "5"]),

    *[Call(f"np.{name}", ONE, around=CARRIED, a="x", axis=ALONG, out=["", "None"], keepdims=SOME)
      for name in ("argmax", "argmin")],
    *[Call(f"x.{name}", ONE, around=CARRIED, as_method=name, a="x", axis=ALONG, out=["", "None"],
           keepdims=SOME) for name in ("argmax", "argmin")],
    Call("np.count_nonzero", ONE, around=CARRIED, a=["x", "x > 0"], axis=AXIS, keepdims=SOME),
    Call("np.any np.all", ONE, around=CARRIED, a="x > 0", axis=AXIS, out=["", "None"], keepdims=SOME,
         where=CHOSEN),
    *[Call(f"x.{name}", ONE, around=CARRIED, as_method=name, a="x", axis=AXIS, out=["", "None"],
           keepdims=SOME, where=CHOSEN) for name in ("any", "all")],
    Call("np.isreal np.iscomplex", ONE, around=CARRIED, x="x"),
    Call("np.isclose", TWO, around=CARRIED, a="x", b="y", rtol=["", "1e-3"], atol=["", "0.5"],
         equal_nan=SOME),
    Call("np.allclose", TWO, around=CARRIED, a="x", b=["y", "x"], rtol=["", "1e-3"], atol=["", "0.5"],
         equal_nan=SOME), Call("np.array_equal", TWO, around=CARRIED, a1="x", a2=["y", "x"], equal_nan=SOME),
    Call("np.argsort", ONE, around=CARRIED, a="x", axis=ALONG, kind=SORTS, order=["", "None"],
         stable=["", "None", "True"]),
    Call("np.argpartition", ONE, around=CARRIED, a="x", kth=["0", "[0, -1]"], axis=ALONG,
     kind=["", "'introselect'"], order=["", "None"]),
    Call("x.argsort", ONE, around=CARRIED, as_method="argsort", a="x", axis=ALONG, kind=SORTS,
         order=["", "None"]),
    Call("x.argpartition", ONE, around=CARRIED, as_method="argpartition", a="x", kth=["0", "-1"],
         axis=ALONG, kind=["", "'introselect'"], order=["", "None"]),
    Call("np.shape np.nonzero np.argwhere", ONE, around=FIRST, a="x"),
    Call("np.ndim np.flatnonzero", ONE, around=CARRIED, a="x"),
    Call("np.size", ONE, around=CARRIED, a="x", axis=["", "None", "0", "-1"]),
    Call("np.searchsorted", TWO, around=CARRIED, a=["np.arange(3.0)", "x"], v=["y", "0.5"],
         side=["", "'left'", "'right'"], sorter=["", "None", "np.arange(3)"]),
    Call("np.digitize", TWO, around=CARRIED, x="x", bins=["np.arange(3.0)", "[0.0, 1.0]"], right=SOME),
    Call("np.isin", TWO, around=CARRIED, element="x", test_elements=["y", "[1.0]"], assume_unique=SOME,
         invert=SOME, kind=["", "None", "'sort'"]),
    Call("np.tril_indices np.triu_indices", SQUARE, around="x[{}]", n="np.shape(x)[0]", k=["", "1", "-1"],
         m=["", "None", "2"]),
    Call("np.tril_indices_from np.triu_indices_from", MATRIX, around="x[{}]", arr="x", k=["", "1", "-1"]),
    Call("np.diag_indices", SQUARE, around="x[{}]", n="len(x)", ndim=["", "2", "3"]),
    Call("np.diag_indices_from", SQUARE, around="x[{}]", arr="x"),
    Call("np.ix_", MATRIX, around="x[{}]", args=["[0], [1, 0]", "[0]"]),
    Call("np.unravel_index", ONE, around="x[{}]", indices=["0", "[0, 1]", "np.argmax(x)"],
         shape_="np.shape(x)", order=["", "'C'", "'F'"]),

    *[Call(f"math.{name}(x)", NUMBERS)
      for name in "exp expm1 sin cos sinh cosh tanh asinh atan fabs radians degrees erf erfc".split()
      + (["cbrt"] if hasattr(math, "cbrt") else [])],
    *[Call(f"math.{name}(x)", NUMBERS, POSITIVE) for name in "log log2 log10 log1p sqrt".split()],
    *[Call(f"math.{name}(x)", NUMBERS, UNIT) for name in "tan asin acos atanh".split()],
    Call("math.acosh(x)", NUMBERS, ABOVE_ONE),
    *[Call(f"math.{name}(x, y)", PAIRS, POSITIVE)
      for name in "atan2 pow fmod copysign hypot log dist".split()],
    *[Call(f"x * math.{name}(x)", NUMBERS) for name in "trunc floor ceil isnan isinf isfinite".split()],
    *[Call(text, PAIRS, POSITIVE) for text in ("pow(x, y)", "math.hypot(x, y, x * y)", "math.fsum([x, y])",
                                               "math.prod([x, y], start=x)", "sum([x, y])",
                                               "sum([x, y], start=x)", "max(x, y, 0.4)", "min([x, y])",
                                               "max([x, y], default=0)",
                                               "x * math.isclose(x, y, rel_tol=0.1)", "max(x, y, key=abs)",
                                               "x * round(y)", "x * round(y, 1)", "x * bool(y)",
                                               "x * int(y)", "float(x) * y", "math.dist([x, y], [y, 2.0])",
                                               "math.log(x, 3)", "pow(x, 2, None)",
                                               "x * isinstance(y, float)",
                                               "x * any([y > 1]) * all([x > 0])")],
    *[Call(text, LISTED) for text in ("sum(x)", "max(x)", "min(x)", "math.fsum(x)", "math.prod(x)",
                                      "math.dist(x, x * 2)", "sum(x, 1.0)", "math.prod(x, start=2.0)",
                                      "max(x, default=1.0)", "max(x, key=abs)",
                                      "sum(abs(v) for v in x)", "sum(list(x))",
                                      "any([v + 5.5 for v in x]) * sum(x)",
                                      "x * math.comb(4, 2) * math.gcd(4, 6) * math.factorial(3)",
                                      "sum(v ** i for i, v in enumerate(x.flat))",
                                      "x * len(str(3)) + len(repr(2)) + len(ascii(2) + format(3))",
                                      "x * bisect.bisect([0, 1], 0.5) * bisect.bisect_left([0, 1], 1)",
                                      "np.exp(list(x))")],
    *[Call(f"np.{name}(x)", NUMBERS) for name in "float64 float32 float16 longdouble".split()],
    *[Call(f"np.{name}(x) * (x + 10.0)", NUMBERS) for name in "bool_ int64 int32 int16 int8 uint8".split()],
]
