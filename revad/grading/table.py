"""Table: the result of `check_backward`, as a table of the gradients and what is wrong with them.

>>> row = Row("w", (3,), "wrong", 2, 3, "[1]", 4.0, 2.0, "2.0")
>>> print(BackwardReport("affine", "layer with a cache", [row], []))
backward pass of affine (layer with a cache): dw is wrong
gradient  shape  verdict  wrong   worst at  by hand  right  by hand / right
dw        (3,)   wrong    2 of 3  [1]       4.0      2.0    2.0
"""

from __future__ import annotations

from typing import Any, NamedTuple

from .mistakes import gradient_name

HEADINGS = ("gradient", "shape", "verdict", "wrong", "worst at", "by hand", "right", "by hand / right")


class Row(NamedTuple):
    """A gradient: how many of its elements are wrong, the worst of them, and the ratio where all have one.

    verdict: 'right', 'wrong', or 'kink': elements differ from the generated ones where differences allow
    both.
    """

    parameter: str
    shape: tuple
    verdict: str
    wrong: int = 0
    size: int = 0
    at: str = ""
    written: Any = ""
    right: Any = ""
    ratio: str = ""

    @property
    def is_right(self):
        return self.verdict != "wrong"

    def cells(self):
        number = "{:.6}".format
        wrong = f"{self.wrong} of {self.size}" if self.wrong else ""
        return (
            gradient_name(self.parameter),
            str(self.shape),
            self.verdict,
            wrong,
            self.at,
            *(
                number(float(value)) if isinstance(value, float) else str(value)
                for value in (self.written, self.right)
            ),
            self.ratio,
        )


class BackwardReport:
    """What `check_backward` has found out; true if every gradient is right.

    rows: one for each gradient.  findings: the mistakes, each with its kind, the gradients that it
    explains, the line of the hand-written pass, what would make it right, and the generated line.  notes:
    what could not be compared.
    """

    def __init__(self, name, form, rows, findings, notes=()):
        self.name, self.form, self.rows = name, form, tuple(rows)
        self.findings, self.notes = tuple(findings), tuple(notes)

    def __bool__(self):
        return all(row.is_right for row in self.rows) and not self.findings

    @property
    def mistakes(self):
        """The kinds of the findings."""
        return tuple(finding.kind for finding in self.findings)

    @property
    def verdict(self):
        """One line: right, or which gradients are wrong."""
        wrong = [gradient_name(row.parameter) for row in self.rows if not row.is_right]
        if wrong:
            return f"{', '.join(wrong)} {'is' if len(wrong) == 1 else 'are'} wrong"
        return "right" if self else "wrong"

    def __str__(self):
        table = [HEADINGS, *(row.cells() for row in self.rows)]
        widths = [max(map(len, column)) for column in zip(*table)]
        lines = [
            "  ".join(cell.ljust(width) for cell, width in zip(cells, widths)).rstrip() for cells in table
        ]
        return "\n".join(
            [
                f"backward pass of {self.name} ({self.form}): {self.verdict}",
                *(lines if self.rows else ()),
                *map(str, self.findings),
                *(f"note: {note}" for note in self.notes),
            ]
        )

    __repr__ = __str__
