"""Gradients on an output of which some parts are None, and the same with zeros in their place."""


def thinned(dout, keep):
    """A dout with None for the parts that `keep()` does not choose."""
    if isinstance(dout, (list, tuple)):
        return type(dout)(thinned(part, keep) for part in dout)
    if isinstance(dout, dict):
        return {key: thinned(part, keep) for key, part in dout.items()}
    return dout if keep() else None


def filled(dout, full):
    """The same with zeros."""
    if isinstance(full, (list, tuple)):
        parts = [None] * len(full) if dout is None else dout
        return type(full)(filled(part, whole) for part, whole in zip(parts, full, strict=True))
    if isinstance(full, dict):
        return {key: filled(None if dout is None else dout[key], part) for key, part in full.items()}
    return dout if dout is not None or full is None else full * 0
