"""Arguments of every dtype, layout and length: numbers, lists, 0-d arrays and arrays of up to four axes.

>>> argument((2, 3), "f", "negative", (-2.0, 2.0), 0).strides[1] < 0
True
>>> type(argument((), "d", "list", (0.5, 2.0), 0))
<class 'float'>
"""
import numpy as np

DTYPES = ("d", "d", "d", "f", "e", "g", "l", "i", "B", "?", "D", "d")
LAYOUTS = ("C", "C", "F", "strided", "negative", "read-only", "list")
LONGER = {2: 4, 3: 5}           # the lengths of another call, so that what fits together still does


def longer(shape):
    return tuple(LONGER.get(n, n) for n in shape)


def argument(shape, dtype, layout, limits, seed):
    """An array, a list or a number with elements between the limits, that are apart from one another and
    in no order."""
    values = _values(shape, dtype, limits, seed)
    if layout == "list":
        return values.tolist()
    if shape == ():
        if layout in "CF":
            return values.item() if dtype in "dl?D" and layout == "C" else values[()]
        values = np.array(values)
    return _layout(values, layout)


def _values(shape, dtype, limits, seed):
    rng, size, (low, high) = np.random.default_rng([seed, *shape]), int(np.prod(shape)), limits
    if dtype == "?":
        return rng.integers(0, 2, shape).astype(bool)
    if dtype in "liB":
        low, high = int(np.ceil(low)), int(np.floor(high))
        return rng.integers(max(low, 0) if dtype == "B" else low, high + 1, shape).astype(dtype)
    spread = low + (high - low) * (np.arange(size) + rng.uniform(0.2, 0.8, size)) / max(size, 1)
    spread = np.where(np.abs(spread) < 0.01, 0.137 * (1 if high > 0 else -1), spread)
    values = np.round(rng.permutation(spread).reshape(shape), 3)
    return (values + 1j * values[::-1] if dtype == "D" and shape else values).astype(dtype)


def _layout(values, layout):
    if layout == "F":
        return np.asfortranarray(values) if values.ndim else values
    if layout == "strided" and values.ndim:
        whole = np.full(tuple(2 * n for n in values.shape), 7, values.dtype)
        view = whole[tuple(slice(0, 2 * n, 2) for n in values.shape)]
        view[...] = values
        return view
    if layout == "negative" and values.ndim:
        back = (slice(None, None, -1),) * values.ndim
        return np.ascontiguousarray(values[back])[back]
    if layout == "read-only":
        values = values.copy()
        values.flags.writeable = False
    return values
