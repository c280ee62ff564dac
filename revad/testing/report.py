"""Report: the result of `check_grad`, as a table with the worst element of each parameter.

>>> report = Report("f", [Row("x", "[2]", 0.5, 0.5 + 1e-12, True), Row("w", "", 3.003, 3.0, False)])
>>> bool(report)
False
>>> print(report)
gradient of f: w differs from central differences
parameter  worst at  generated  numeric  relative error
x          [2]       0.5        0.5      2.0e-12
w                    3.003      3.0      1.0e-03         differs
"""
from __future__ import annotations

from typing import NamedTuple

HEADINGS = ("parameter", "worst at", "generated", "numeric", "relative error", "")


class Row(NamedTuple):
    """The worst element of a parameter; `at` is its index, or the number of a random direction."""

    parameter: str
    at: str
    generated: float
    numeric: float
    agrees: bool
    note: str = ""

    @property
    def error(self):
        """|generated - numeric|, relative to the larger of the two."""
        if self.generated == self.numeric:
            return 0.0
        return abs(self.generated - self.numeric) / max(abs(self.generated), abs(self.numeric))

    def cells(self):
        note = self.note or ("" if self.agrees else "differs")
        return (self.parameter, self.at, f"{self.generated:.9}", f"{self.numeric:.9}",
                f"{self.error:.1e}", note)


class Report:
    """The rows of all parameters; true when every one of them agrees."""

    def __init__(self, name, rows):
        self.name, self.rows = name, tuple(rows)

    def __bool__(self):
        return all(row.agrees for row in self.rows)

    @property
    def worst(self):
        """The row with the largest relative error, among those that differ if there are any."""
        return max(self.rows, key=lambda row: (not row.agrees, row.error), default=None)

    def __str__(self):
        wrong = [row.parameter for row in self.rows if not row.agrees]
        verdict = f"{', '.join(wrong)} differ{'s' * (len(wrong) == 1)} from" if wrong else "agrees with"
        table = [HEADINGS, *(row.cells() for row in self.rows)]
        widths = [max(map(len, column)) for column in zip(*table)]
        lines = ["  ".join(cell.ljust(width) for cell, width in zip(cells, widths)).rstrip()
                 for cells in table]
        return "\n".join([f"gradient of {self.name}: {verdict} central differences", *lines])

    __repr__ = __str__
