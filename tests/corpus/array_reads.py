"""Reads of arrays: shapes, slices, new axes, masks, index arrays."""

import numpy as np
from numpy import newaxis

from .case import Case

rng = np.random.default_rng(22)


def shape_reads(x):
    rows, cols = x.shape
    return x.sum() / (rows * cols) + x.ndim * x[0, 0] + x.size * x[-1, -1] + len(x) * x[0, -1]


def dtype_reads(x):
    eps = np.finfo(x.dtype).eps
    return x / (np.abs(x) + 0.1 + eps)


def newaxis_reads(x, y):
    return x[:, newaxis] - y[np.newaxis, :]


def ellipsis_reads(x):
    return x[..., 0] * x[..., -1] + x[0, ..., None].sum()


def strided_reads(x):
    return x[::2].sum() * x[1::2].sum() + x[::-1][0]


def negative_reads(x):
    return x[-1] * x[-2:].sum() - x[:-1].prod()


def column_reads(X):
    return X[:, 0] * X[:, 1] - X[:, -1]


def mixed_reads(X):
    return X[1, :] + X[0:1, :] + X[:2].mean(axis=0)


def reads_by_name(x, i, j):
    return x[i] * x[j] + x[i : j + 1].sum()


def overlapping_reads(x):
    return np.sum(x[:-1] * x[1:]) + x[1] ** 2


def mask_read(x):
    return np.sum(x[x > 0] ** 2)


def mask_read_named(x, keep):
    kept = x[keep]
    return kept.mean() - kept.max()


def mask_of_other(x, labels):
    return x[labels == 1].sum() - x[labels != 1].sum()


def mask_rows(X, keep):
    return X[keep].sum(axis=0)


def index_array_read(x, idx):
    return np.sum(x[idx] * np.arange(1, len(idx) + 1))


def index_list_read(x):
    return x[[0, 2, 2]].prod()


def index_pair_read(X, rows, cols):
    return X[rows, cols]


def index_mixed_read(X, idx):
    return X[:, idx] * X[:, :1]


def argmax_read(X):
    best = np.argmax(X, axis=1)
    return X[np.arange(X.shape[0]), best]


def argsort_read(x):
    order = np.argsort(x)
    return x[order] * np.arange(len(x))


def take_rows(X, idx):
    return np.take(X, idx, axis=0)


def sort_values(x):
    return np.sort(x)[-2:].sum()


def n(*shape):
    return rng.normal(size=shape)


x, y, X, T = np.array([0.7, -0.4, 1.3, -1.6]), n(4), n(3, 4), n(2, 3, 4)
labels = np.array([1, 0, 2, 1])
VECTOR = [
    strided_reads, negative_reads, overlapping_reads, mask_read, index_list_read, argsort_read, sort_values,
    dtype_reads,
]  # fmt: skip
MATRIX = [shape_reads, ellipsis_reads, column_reads, mixed_reads, argmax_read, mask_read]
CASES = [
    *[Case(f, (x,)) for f in VECTOR],
    *[Case(f, (X,), note="2-d") for f in MATRIX],
    *[Case(f, (x.astype(np.float32),), note="float32") for f in (mask_read, strided_reads, index_list_read)],
    *[Case(f, (np.array([1, -2, 3, 5]),), note="ints") for f in (mask_read, strided_reads, negative_reads)],
    Case(newaxis_reads, (x, n(3))),
    Case(ellipsis_reads, (T,)),
    Case(reads_by_name, (x, 1, 3), "x"),
    Case(mask_read_named, (x, np.array([True, False, True, True])), "x"),
    Case(mask_of_other, (x, labels), "x"),
    Case(mask_rows, (X, np.array([True, False, True])), "X"),
    Case(index_array_read, (x, labels), "x"),
    Case(index_array_read, (X[0], np.array([-1, 3, 0, -4])), "x", note="negative"),
    Case(index_pair_read, (X, np.array([0, 2, 0]), np.array([1, 3, 1])), "X"),
    Case(index_mixed_read, (X, np.array([1, 1, 0])), "X"),
    Case(take_rows, (X, np.array([0, 2, 2])), "X"),
]
