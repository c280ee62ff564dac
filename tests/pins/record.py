"""A record of every text that revad writes while a program runs, and the line that pins it.

The line has the program's name, a hash of each text, and one of all conditions together.
"""
import hashlib
import os
import warnings
from contextlib import contextmanager
from typing import NamedTuple

from revad.runtime import cache
from revad.runtime.variant import Variant


class Pin(NamedTuple):
    """What revad wrote for a program: (what for, text) pairs in order, and the conditions of each."""

    name: str
    texts: list
    conditions: list

    @property
    def line(self):
        return f"{self.name}: {' '.join(_hash(f'{want}{text}') for want, text in self.texts)} | {_hash(repr(self.conditions))}"


def _hash(text):
    return hashlib.sha256(text.encode()).hexdigest()[:10]


@contextmanager
def recorded():
    """The list of all variants that are made inside of the block, where nothing has been compiled before."""
    variants, real = [], Variant.__init__
    verified = os.environ.pop("REVAD_VERIFY", None)     # to verify a gradient runs those in its function
    cache._entries.clear()

    def init(self, *args, **keywords):
        real(self, *args, **keywords)
        variants.append(self)

    Variant.__init__ = init
    try:
        yield variants
    finally:
        Variant.__init__ = real
        if verified is not None:
            os.environ["REVAD_VERIFY"] = verified


def pin(name, run):
    with recorded() as variants, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        run()
    texts = [(variant.request.part, variant.text) for variant in variants]
    return Pin(name, texts,
               [[list(condition.texts) for condition in variant.conditions] for variant in variants])


def lines_of(programs):
    return [pin(name, run).line for name, run in programs]
