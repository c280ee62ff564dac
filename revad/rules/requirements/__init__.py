"""Requirements: what functions ask of the lengths, ranks and values of their operands, where no line of the text tells."""
from . import domains, lengths, ranks

__all__ = [
    "domains", "lengths", "ranks",
]
