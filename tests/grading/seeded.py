"""Mistakes seeded into the passes of `layers`: what stands there, what is written instead, and what it is
called.
"""

import itertools
import linecache
import pathlib

SOURCE = pathlib.Path(__file__).with_name("layers.py").read_text()
_numbers = itertools.count()

MISTAKES = [
    ("affine", "dw = x.reshape(N, -1).T @ dout", "dw = x.reshape(N, -1).T @ dout / N", "doubled 1/N"),
    ("affine", "dx = (dout @ w.T)", "dx = 2 * (dout @ w.T)", "factor 2"),
    ("affine", "db = dout.sum(axis=0)", "db = -dout.sum(axis=0)", "sign"),
    ("affine", "db = dout.sum(axis=0)", "db = dout", "broadcast not summed"),
    ("affine", "db = dout.sum(axis=0)", "db = dout.sum(axis=1)", "wrong axis"),
    ("affine", "dw = x.reshape(N, -1).T @ dout", "dw = dout.T @ x.reshape(N, -1)", "transposed product"),
    (
        "affine",
        "cache = (x, w, b)\n    return out, cache",
        "cache = (0.5 * x, w, b)\n    return out, cache",
        ("factor 2", "stale cache"),
    ),
    ("relu", "da = dout * (a > 0)", "da = dout * (x > 0)", "wrong mask"),
    ("relu", "da = dout * (a > 0)", "da = dout * (a < 0)", "wrong mask"),
    ("relu", "da = dout * (a > 0)", "da = dout", "wrong mask"),
    ("relu", "dw = np.sum(da * x, axis=0)", "dw = da * x", "broadcast not summed"),
    ("relu", "dw = np.sum(da * x, axis=0)", "dw = np.sum(da * x, axis=1)", "wrong axis"),
    ("relu", "dw = np.sum(da * x, axis=0)", "dw = np.sum(da * a, axis=0)", "stale cache"),
    ("relu", "dx = da * w", "dx = -da * w", "sign"),
    ("relu", "dw = np.sum(da * x, axis=0)", "dw = np.mean(da * x, axis=0)", "doubled 1/N"),
    ("relu", "dx = da * w", "dx = da * w * 2", "factor 2"),
    ("batchnorm", "dx = dxmu + dmu / N", "dx = dxmu + dmu", "sum for mean"),
    ("batchnorm", "dxmu += 2 * xmu * dvar / N", "dxmu += 2 * xmu * dvar", "sum for mean"),
    ("batchnorm", "dxmu += 2 * xmu * dvar / N", "dxmu += xmu * dvar / N", "factor 2"),
    ("batchnorm", "dxmu += 2 * xmu * dvar / N", "dxmu = 2 * xmu * dvar / N", "overwritten"),
    ("batchnorm", "dsqrtvar = -1.0 /", "dsqrtvar = 1.0 /", "sign"),
    ("batchnorm", "dmu = -np.sum", "dmu = np.sum", "sign"),
    ("batchnorm", "dx = dxmu + dmu / N", "dx = dxmu", "path forgotten"),
    ("batchnorm", "    dxmu += 2 * xmu * dvar / N\n", "", "path forgotten"),
    ("batchnorm", "dbeta = np.sum(dout, axis=0)", "dbeta = dout", "broadcast not summed"),
    (
        "batchnorm",
        "dgamma = np.sum(dout * xhat, axis=0)",
        "dgamma = np.sum(dout * xhat, axis=1)",
        "wrong axis",
    ),
    (
        "batchnorm",
        "dgamma = np.sum(dout * xhat, axis=0)",
        "dgamma = np.sum(dout * xmu, axis=0)",
        "stale cache",
    ),
    (
        "batchnorm",
        "divar = np.sum(dxhat * xmu, axis=0)",
        "divar = np.sum(dxhat * xhat, axis=0)",
        "stale cache",
    ),
    ("batchnorm", "dbeta = np.sum(dout, axis=0)", "dbeta = np.mean(dout, axis=0)", "doubled 1/N"),
    (
        "layernorm",
        "dmean = dxhat.mean(axis=1, keepdims=True)",
        "dmean = dxhat.sum(axis=1, keepdims=True)",
        "sum for mean",
    ),
    (
        "layernorm",
        "dvar = (dxhat * xhat).mean(axis=1, keepdims=True)",
        "dvar = (dxhat * xhat).sum(axis=1, keepdims=True)",
        "sum for mean",
    ),
    (
        "layernorm",
        "dmean = dxhat.mean(axis=1, keepdims=True)",
        "dmean = dxhat.mean(axis=0, keepdims=True)",
        "wrong axis",
    ),
    (
        "layernorm",
        "dx = (dxhat - dmean - xhat * dvar) / std",
        "dx = (dxhat - dmean + xhat * dvar) / std",
        "sign",
    ),
    (
        "layernorm",
        "dx = (dxhat - dmean - xhat * dvar) / std",
        "dx = (dxhat - dmean) / std",
        "path forgotten",
    ),
    ("layernorm", "dx = (dxhat - dmean - xhat * dvar) / std", "dx = dxhat / std", "path forgotten"),
    (
        "layernorm",
        "dx = (dxhat - dmean - xhat * dvar) / std",
        "dx = (dxhat - dmean - 2 * xhat * dvar) / std",
        "factor 2",
    ),
    ("layernorm", "dgamma = (dout * xhat).sum(axis=0)", "dgamma = dout * xhat", "broadcast not summed"),
    ("layernorm", "dvar = (dxhat * xhat).mean(axis=1", "dvar = (dout * xhat).mean(axis=1", "stale cache"),
    (
        "layernorm",
        "dgamma = (dout * xhat).sum(axis=0)",
        "dgamma = (dout * xhat).mean(axis=0)",
        "doubled 1/N",
    ),
    ("dropout", "dh = dout * mask", "dh = dout * (h > 0)", "wrong mask"),
    ("dropout", "dh = dout * mask", "dh = dout", "wrong mask"),
    ("dropout", "dh = dout * mask", "dh = -dout * mask", "sign"),
    ("dropout", "dw = x.T @ dh", "dw = x.T @ dout", "stale cache"),
    ("dropout", "dw = x.T @ dh", "dw = dh.T @ x", "transposed product"),
    ("dropout", "dx = dh @ w.T", "dx = dh @ w.T / x.shape[0]", "doubled 1/N"),
    ("dropout", "dw = x.T @ dh", "dw = 2 * x.T @ dh", "factor 2"),
    ("conv", "dw[f] += np.sum", "dw[f] = np.sum", "overwritten"),
    ("conv", "dxpad[:, :, rows, cols] += w[f] * d", "dxpad[:, :, rows, cols] = w[f] * d", "overwritten"),
    ("conv", "dxpad[:, :, rows, cols] += w[f] * d", "dxpad[:, :, rows, cols] -= w[f] * d", "sign"),
    ("conv", "db = np.sum(dout, axis=(0, 2, 3))", "db = np.sum(dout, axis=(2, 3))", "broadcast not summed"),
    ("conv", "db = np.sum(dout, axis=(0, 2, 3))", "db = np.sum(dout, axis=(1, 2, 3))", "wrong axis"),
    ("conv", "db = np.sum(dout, axis=(0, 2, 3))", "db = np.mean(dout, axis=(0, 2, 3))", "doubled 1/N"),
    (
        "conv",
        "dw[f] += np.sum(xpad[:, :, rows, cols] * d, axis=0)",
        "dw[f] += np.mean(xpad[:, :, rows, cols] * d, axis=0)",
        ("doubled 1/N", "factor 2"),
    ),
    (
        "conv",
        "dw[f] += np.sum(xpad[:, :, rows, cols] * d, axis=0)",
        "dw[f] += 2 * np.sum(xpad[:, :, rows, cols] * d, axis=0)",
        "factor 2",
    ),
    ("maxpool", "mask = window == best", "mask = window > 0", "wrong mask"),
    ("maxpool", "dx[:, :, rows, cols] += mask * dout", "dx[:, :, rows, cols] -= mask * dout", "sign"),
    (
        "maxpool",
        "dx[:, :, rows, cols] += mask * dout",
        "dx[:, :, rows, cols] += 2 * mask * dout",
        "factor 2",
    ),
    (
        "maxpool",
        "dx[:, :, rows, cols] += mask * dout",
        "dx[:, :, rows, cols] += mask / size**2 * dout",
        "doubled 1/N",
    ),
    ("avgpool", "dx = spread / size**2", "dx = spread", "sum for mean"),
    ("avgpool", "dx = spread / size**2", "dx = -spread / size**2", "sign"),
    ("avgpool", "dx = spread / size**2", "dx = spread / size", "factor 2"),
    ("softmax", "    dscores = dscores / N\n", "", "missing 1/N"),
    ("softmax", "dscores = dscores / N", "dscores = dscores / N / N", "doubled 1/N"),
    ("softmax", "    dW += 2 * reg * W\n", "", "regulariser forgotten"),
    ("softmax", "dW += 2 * reg * W", "dW += reg * W", ("factor 2", "regulariser forgotten")),
    ("softmax", "dW += 2 * reg * W", "dW = 2 * reg * W", "overwritten"),
    ("softmax", "dW += 2 * reg * W", "dW -= 2 * reg * W", "sign"),
    ("softmax", "dX = dscores @ W.T", "dX = W @ dscores.T", "transposed product"),
    ("softmax", "    dscores[np.arange(N), y] -= 1\n", "", "path forgotten"),
    ("softmax", "dscores[np.arange(N), y] -= 1", "dscores[np.arange(N), y] += 1", "sign"),
    ("softmax", "dscores = p.copy()", "dscores = scores.copy()", "stale cache"),
    ("svm", "    dscores = dscores / N\n", "", "sum for mean"),
    ("svm", "    dW += 2 * reg * W\n", "", "regulariser forgotten"),
    ("svm", "dW += 2 * reg * W", "dW += reg * W", ("factor 2", "regulariser forgotten")),
    ("svm", "    dscores[np.arange(N), y] -= count\n", "", "path forgotten"),
    ("svm", "dscores[np.arange(N), y] -= count", "dscores[np.arange(N), y] += count", "sign"),
    ("svm", "dscores = 1.0 * (margins > 0)", "dscores = 1.0 * (scores > 0)", "wrong mask"),
    ("svm", "dW += 2 * reg * W", "dW = 2 * reg * W", "overwritten"),
    ("svm", "count = dscores.sum(axis=1)", "count = dscores.mean(axis=1)", "doubled 1/N"),
    ("rnn_step", "da = (1 - next_h**2) * dnext_h", "da = (1 - prev_h**2) * dnext_h", "stale cache"),
    ("rnn_step", "dWh = prev_h.T @ da", "dWh = next_h.T @ da", "stale cache"),
    ("rnn_step", "dprev_h = da @ Wh.T", "dprev_h = da @ Wh", "transposed product"),
    ("rnn_step", "db = da.sum(axis=0)", "db = da.sum(axis=1)", "wrong axis"),
    ("rnn_step", "db = da.sum(axis=0)", "db = da", "broadcast not summed"),
    ("rnn_step", "db = da.sum(axis=0)", "db = da.mean(axis=0)", "doubled 1/N"),
    ("rnn_step", "dWx = x.T @ da", "dWx = -x.T @ da", "sign"),
    ("rnn", "dWx += dWx_t", "dWx = dWx_t", "overwritten"),
    ("rnn", "dWh += dWh_t", "dWh = dWh_t", "overwritten"),
    ("rnn", "db += db_t", "db = db_t", "overwritten"),
    ("rnn", "dnext = dh[:, t] + dprev", "dnext = dh[:, t]", "path forgotten"),
    ("rnn", "dnext = dh[:, t] + dprev", "dnext = dh[:, t] - dprev", "sign"),
    ("rnn", "cache[t])", "cache[0])", "stale cache"),
    ("rnn", "da = (1 - next_h**2) * dnext_h", "da = (1 - prev_h**2) * dnext_h", "stale cache"),
    ("rnn", "dprev_h = da @ Wh.T", "dprev_h = da @ Wh", "transposed product"),
    ("rnn", "dWx = x.T @ da", "dWx = 2 * x.T @ da", "factor 2"),
    ("rnn", "db = da.sum(axis=0)", "db = da.mean(axis=0)", "doubled 1/N"),
    (
        "lstm_step",
        "dc = dnext_c + dnext_h * o * (1 - tanh_c**2)",
        "dc = dnext_h * o * (1 - tanh_c**2)",
        "path forgotten",
    ),
    ("lstm_step", "dc = dnext_c + dnext_h * o * (1 - tanh_c**2)", "dc = dnext_c", "path forgotten"),
    ("lstm_step", "df = dc * prev_c", "df = -dc * prev_c", "sign"),
    ("lstm_step", "dg * (1 - g**2)", "2 * dg * (1 - g**2)", "factor 2"),
    ("lstm_step", "di = dc * g", "di = dc * f", "stale cache"),
    ("lstm_step", "dprev_h = da @ Wh.T", "dprev_h = (Wh @ da.T)", "transposed product"),
    ("lstm_step", "db = da.sum(axis=0)", "db = da", "broadcast not summed"),
    ("lstm_step", "db = da.sum(axis=0)", "db = da.sum(axis=1)", "wrong axis"),
    ("lstm_step", "db = da.sum(axis=0)", "db = da.mean(axis=0)", "doubled 1/N"),
    ("attention", "dx += dk @ Wk.T", "dx = dk @ Wk.T", "overwritten"),
    ("attention", "    dx += dk @ Wk.T\n", "", "path forgotten"),
    ("attention", "ds = p * (dp - np.sum(dp * p, axis=1, keepdims=True))", "ds = p * dp", "path forgotten"),
    (
        "attention",
        "ds = p * (dp - np.sum(dp * p, axis=1",
        "ds = p * (dp - np.sum(dp * p, axis=0",
        "wrong axis",
    ),
    (
        "attention",
        "ds = p * (dp - np.sum(dp * p, axis=1",
        "ds = p * (dp - np.mean(dp * p, axis=1",
        "doubled 1/N",
    ),
    ("attention", "ds = p * (dp - np.sum", "ds = p * (dp + np.sum", "sign"),
    ("attention", "dk = ds.T @ q", "dk = ds @ q", "transposed product"),
    ("attention", "dv = p.T @ dout", "dv = p @ dout", "transposed product"),
    ("attention", "ds = ds * scale", "ds = ds * scale * scale", "factor 2"),
    ("attention", "    ds = ds * scale\n", "", "factor 2"),
    ("attention", "dWq = x.T @ dq", "dWq = x.T @ dk", "stale cache"),
]


def module_of(text):
    """The namespace of a text, whose functions have source."""
    file = f"<layers {next(_numbers)}>"
    linecache.cache[file] = (len(text), None, text.splitlines(True), file)
    namespace = {"__name__": "layers_with_a_mistake"}
    exec(compile(text, file, "exec"), namespace)
    return namespace


def with_mistake(pair, before, after):
    """The namespace of the layers in which a text of one pair is another."""
    start = min(SOURCE.index(f"def {name}(") for name in pair[:2] if name)
    if pair[0] == "rnn_forward":
        start = SOURCE.index("def rnn_step_forward(")
    at = SOURCE.index(before, start)
    assert at < SOURCE.index("def _normal")
    return module_of(SOURCE[:at] + after + SOURCE[at + len(before) :])
