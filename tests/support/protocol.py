"""Array classes with NumPy's protocol: one with views, as on a device, one whose parts are copies."""
import operator

import numpy as np


class Device(np.lib.mixins.NDArrayOperatorsMixin):
    """As CuPy's: results without axes are arrays, parts are views, and none becomes one of NumPy's."""

    def __init__(self, held):
        self.held = np.asarray(held)

    shape = property(lambda self: self.held.shape)
    dtype = property(lambda self: self.held.dtype)
    ndim = property(lambda self: self.held.ndim)
    size = property(lambda self: self.held.size)
    T = property(lambda self: self.wrapped(self.held.T))

    def __array__(self, *args, **keywords):
        raise TypeError("no implicit conversion")

    @classmethod
    def wrapped(cls, value):
        if isinstance(value, (np.ndarray, np.generic)):
            return cls(value)
        if isinstance(value, (tuple, list)):
            return type(value)(map(cls.wrapped, value))
        return value

    @classmethod
    def bare(cls, value):
        if isinstance(value, cls):
            return value.held
        if isinstance(value, np.ndarray) and value.ndim:
            raise TypeError(f"Unsupported type {type(value)}")
        if isinstance(value, (tuple, list)):
            return type(value)(map(cls.bare, value))
        return {key: cls.bare(part) for key, part in value.items()} if isinstance(value, dict) else value

    def __array_ufunc__(self, ufunc, method, *inputs, out=None, **keywords):
        if method == "at":
            getattr(ufunc, method)(*map(self.bare, inputs))
            return None
        if out is not None:
            getattr(ufunc, method)(*map(self.bare, inputs), out=tuple(map(self.bare, out)), **keywords)
            return out[0]
        return self.wrapped(getattr(ufunc, method)(*map(self.bare, inputs), **keywords))

    def __array_function__(self, function, types, args, keywords):
        return self.wrapped(function(*self.bare(args), **self.bare(keywords)))

    def __getitem__(self, key):
        return self.wrapped(self.held[self.bare(key)])

    def __setitem__(self, key, value):
        self.held[self.bare(key)] = self.bare(value)

    def __getattr__(self, name):
        method = getattr(np.ndarray, name)
        if name.startswith("_") or not callable(method):
            raise AttributeError(name)
        return lambda *args, **keywords: self.wrapped(
            method(self.held, *map(self.bare, args), **self.bare(keywords)))

    def __len__(self):
        return len(self.held)

    def __iter__(self):
        return (self[i] for i in range(len(self)))

    def __float__(self):
        return float(self.held)

    def __bool__(self):
        return bool(self.held)

    def __index__(self):
        return operator.index(self.held[()])


class Lazy(Device):
    """As dask's: parts are copies, `+=` makes a new array, stores go into the array alone."""

    def __init__(self, held):
        self.held = np.array(held)


for _name in ("add", "sub", "mul", "truediv", "pow", "matmul"):
    setattr(Lazy, f"__i{_name}__", lambda self, other, name=_name: getattr(operator, name)(self, other))
