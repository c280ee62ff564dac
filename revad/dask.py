"""Dask: the value and gradient of a sum or mean of losses over rows, computed where the rows are.

The parameters are sent to the workers, the gradient of the loss is taken of each shard of the rows, and the
results are added as a tree, in an order that depends neither on the workers nor on which of them are lost on
the way.  It needs the extra: `pip install "revad[dask]"`.

>>> merged([(1, 2.0, {"w": 3.0}), None, (3, 4.0, {"w": 7.0})], is_mean=True)
(4, 3.5, {'w': 6.0})
>>> merged([(1, 2.0, {"w": 3.0}), (3, 4.0, {"w": 7.0})], is_mean=False)
(4, 6.0, {'w': 10.0})
"""
from __future__ import annotations

import functools
import inspect
import multiprocessing
import pickle
import uuid
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from . import api
from .errors import CallError
from .runtime.arguments import selected_parameters
from .runtime.structure import child, children, is_real, map_children
from .tracebacks import boundary

FAN_IN = 4      # results that one task adds


@boundary
def value_and_grad(loss: Callable[..., Any], *, wrt: Any = None, over: str | Sequence[str],
                   reduce: str = "sum", client: Any = None) -> ShardedGradient:
    """The value and gradient of `loss` summed, or averaged, over shards of the arguments `over`.

    The result is called with the loss's own arguments.  Those named in `over` are dask arrays, lists of
    shards (arrays, dask's delayed values or futures) or NumPy arrays, and are divided along their first axis;
    the others, and all that is differentiated, go to every shard as they are.
    wrt: as of `revad.grad`; left out, every positional parameter without a default that is not in `over`.
    reduce: 'sum' where the loss is a sum over rows, 'mean' where it is a mean over them (shards then count
    by their rows, and those without rows not at all).
    client: a distributed.Client; left out, the one that is in use, or one with a cluster of this machine's
    processes, which is started by the first call and ends with the program.
    """
    return ShardedGradient(loss, wrt, over, reduce, client)


class ShardedGradient:
    """What `value_and_grad` returns; called with the loss's arguments it gives (value, gradients)."""

    def __init__(self, loss, wrt, over, reduce, client):
        if reduce not in ("sum", "mean"):
            raise CallError(f"reduce is {reduce!r}: it is 'sum' or 'mean'")
        name, signature = getattr(loss, "__name__", repr(loss)), inspect.signature(loss)
        self.over, _ = selected_parameters(name, signature, (over,) if isinstance(over, str) else tuple(over))
        if wrt is None:
            inputs, _ = selected_parameters(name, signature, None)
            wrt = tuple(name for name in inputs if name not in self.over)
            wrt = wrt[0] if len(wrt) == 1 else wrt
        self.gradient = api.value_and_grad(loss, wrt=wrt)
        self.wrt, self.reduce, self.client = self.gradient.wrt, reduce, client
        both = [name for name in self.wrt if name in self.over]
        if both:
            raise CallError(f"{' and '.join(both)} is in wrt and in over: what is divided into shards is "
                            "data, and has no gradient here")
        functools.update_wrapper(self, loss)
        self.__signature__ = signature

    @boundary
    def __call__(self, *args, **keywords):
        import dask
        self.gradient.complete(args, keywords)      # raises where they are not the function's arguments
        given = self.__signature__.bind(*args, **keywords)
        given.apply_defaults()
        client = self.client or client_in_use()
        shards = shards_of({name: given.arguments[name] for name in self.over}, client)
        rest = {name: value for name, value in given.arguments.items() if name not in self.over}
        run = f"{self.__name__}-{uuid.uuid4().hex}"
        # As the result of a task, which dask runs again where the worker that has it is lost.
        sent = dask.delayed(pickle.loads)(_pickled((self.gradient, rest, self.reduce == "mean")),
                                          dask_key_name=f"parameters-{run}")
        results = [dask.delayed(of_shard)(sent, self.over, *shard, dask_key_name=f"shard-{run}-{number}")
                   for number, shard in enumerate(shards)]
        level = 0
        while len(results) > 1 or not level:
            results = [dask.delayed(merged)(results[start:start + FAN_IN], self.reduce == "mean",
                                            dask_key_name=f"merged-{run}-{level}-{start}")
                       for start in range(0, len(results), FAN_IN)]
            level += 1
        total = client.compute(results[0]).result()
        if total is None:
            raise CallError(f"{self.__name__}: there are no rows in {' and '.join(self.over)}")
        _, value, gradients = total
        return value, gradients

    def __repr__(self):
        return (f"<{self.reduce} over shards of {', '.join(self.over)} of {self.gradient!r}>")


# ---- on the client


def client_in_use():
    """The distributed.Client that is in use, or one with a cluster of this machine's processes."""
    try:
        import distributed
    except ImportError:
        raise CallError('revad.dask needs dask and distributed: pip install "revad[dask]"') from None
    try:
        return distributed.get_client()
    except ValueError:
        if multiprocessing.parent_process() is not None:
            raise CallError("a cluster cannot be started while its processes import this script: put the "
                            "calls below `if __name__ == \"__main__\":`") from None
        return distributed.Client(dashboard_address=None)


def _pickled(value):
    from distributed.protocol.pickle import dumps       # functions of scripts and notebooks by what they hold
    return dumps(value)


def shards_of(arguments, client):
    """The shards of each of the arguments, a tuple of them for each shard."""
    from dask.array import Array
    arrays = {name: value for name, value in arguments.items() if isinstance(value, Array)}
    plain = {name: value for name, value in arguments.items() if isinstance(value, np.ndarray)}
    lists = {name: value for name, value in arguments.items() if isinstance(value, (list, tuple))}
    for name in arguments:
        if name not in arrays and name not in plain and name not in lists:
            raise CallError(f"{name} is a {type(arguments[name]).__name__}: pass a dask array, a NumPy array "
                            "or a list of shards")
    for name, value in {**arrays, **plain}.items():
        if value.ndim == 0:
            raise CallError(f"{name} has no rows: it has no axes")
    lengths = _lengths(arrays, plain, lists, client)
    columns = {name: _blocks(name, value, lengths) for name, value in arrays.items()}
    columns.update({name: [_delayed(shard) for shard in value] for name, value in lists.items()})
    for name, value in plain.items():
        if lengths is None:
            raise CallError(f"the rows of {name} cannot be divided as the other arguments are, whose shards "
                            "have lengths that are not known: pass it in shards, too")
        if sum(lengths) != len(value):
            raise CallError(f"{name} has {len(value)} rows, and the other arguments have {sum(lengths)}")
        ends = np.cumsum(lengths)
        columns[name] = [_delayed(value[end - length:end]) for length, end in zip(lengths, ends)]
    counts = {name: len(columns[name]) for name in arguments}
    if len(set(counts.values())) > 1:
        raise CallError("there must be as many shards of each argument: "
                        + ", ".join(f"{name} has {count}" for name, count in counts.items()))
    if not min(counts.values()):
        raise CallError(f"there are no shards in {' and '.join(arguments)}")
    return list(zip(*(columns[name] for name in arguments)))


def _lengths(arrays, plain, lists, client):
    """How many rows each shard has; None where it is not known."""
    for value in lists.values():
        return [len(shard) for shard in value] if all(isinstance(shard, np.ndarray) and shard.ndim
                                                      for shard in value) else None
    for value in arrays.values():
        return None if any(np.isnan(length) for length in value.chunks[0]) else list(value.chunks[0])
    rows = min(map(len, plain.values()))
    count = max(1, min(rows, sum(client.nthreads().values())))
    return [rows * (number + 1) // count - rows * number // count for number in range(count)]


def _blocks(name, value, lengths):
    """The blocks of a dask array's rows, each with all columns."""
    value = value.rechunk(dict.fromkeys(range(1, value.ndim), -1))
    known = not any(np.isnan(length) for length in value.chunks[0])
    if known and lengths is not None:
        if sum(lengths) != sum(value.chunks[0]):
            raise CallError(f"{name} has {sum(value.chunks[0])} rows, and the other arguments have "
                            f"{sum(lengths)}")
        value = value.rechunk({0: tuple(lengths)})
    return value.to_delayed().ravel().tolist()


def _delayed(shard):
    import dask
    import distributed
    if isinstance(shard, (distributed.Future, dask.delayed(0).__class__)):
        return shard
    return dask.delayed(shard, traverse=False, name=f"rows-{uuid.uuid4().hex}")


# ---- on the workers


def of_shard(sent, over, *shard):
    """(rows, value, gradients) of one shard; None for one without rows, of which there is no mean."""
    gradient, rest, is_mean = sent
    rows = [len(part) for part in shard]
    if len(set(rows)) > 1:
        raise CallError("the arguments must have as many rows in each shard: "
                        + ", ".join(f"{name} has {count}" for name, count in zip(over, rows)))
    if is_mean and not rows[0]:
        return None
    given = inspect.signature(gradient).bind_partial()
    given.arguments = {**rest, **dict(zip(over, shard))}
    return rows[0], *gradient(*given.args, **given.kwargs)


def merged(results, is_mean):
    """The sum of results, or their mean by rows, in the order in which they stand."""
    total = None
    for result in results:
        if total is None or result is None:
            total = total or result
            continue
        rows = total[0] + result[0]
        weights = (total[0] / rows, result[0] / rows) if is_mean else (1, 1)
        total = rows, _sum(total[1], result[1], weights), _sum(total[2], result[2], weights)
    return total


def _sum(first, second, weights):
    """The weighted sum of two results of one structure, in the precision that they have."""
    if children(first) is not None:
        return map_children(first, lambda key, part: _sum(part, child(second, key), weights))
    if not is_real(first):
        return first
    total = first + second if weights == (1, 1) else weights[0] * first + weights[1] * second
    return total.astype(first.dtype, copy=False) if isinstance(first, np.generic) else total
