"""Requirements: what functions require of lengths, ranks and values, where no line of the text checks it."""
from . import domains, lengths, places, ranks

__all__ = [
    "domains", "lengths", "places", "ranks",
]
