"""Mistakes: the kinds of mistake in hand-written backward passes, and what is said of each.

>>> print(Finding("sign", ("x",), "dx = -dout * y", 12, "dx = dout * y"))
sign: dx has the wrong sign
    line 12:  dx = -dout * y
    right is: dx = dout * y
"""

from __future__ import annotations

import re
from typing import NamedTuple

# What is wrong, with the names of the gradients in front; {amount} is a number of the finding.
SENTENCES = {
    "missing 1/N": "has no factor 1/{amount}: the forward pass divides by it",
    "doubled 1/N": "is divided by {amount} once too often",
    "sum for mean": "is a sum where the forward pass takes a mean: divide by {amount}",
    "factor": "has the wrong factor: it is to be multiplied by {amount}",
    "factor 2": "has a factor 2 too few or too many: it is to be multiplied by {amount}",
    "sign": "has the wrong sign",
    "overwritten": "is overwritten where it is used more than once: gradients add up at forks (+=)",
    "accumulated": "is added to what was there before, where it is to be stored",
    "broadcast not summed": "is not summed over the axes along which the forward pass broadcast",
    "wrong axis": "is taken along the wrong axis",
    "transposed product": "is of a product with the wrong side transposed",
    "wrong mask": "goes through the mask of the wrong variable",
    "path forgotten": "misses a path from the parameter to the output",
    "stale cache": "is computed from the wrong value: one from before, or of another stage",
    "regulariser forgotten": "misses the gradient of the regulariser",
    "local gradient": "has the wrong local gradient",
    "raises": "the backward pass raises",
    "shape": "has the wrong shape",
    "unknown": "is wrong, and by none of the mistakes that are known here",
}


def gradient_name(name):
    """What the gradient of a parameter, or of a part of one, is called.

    >>> gradient_name("x"), gradient_name("self.W"), gradient_name("self.params['W1']")
    ('dx', 'self.dW', "self.params['dW1']")
    """
    inside = re.fullmatch(r"(.*(?:\.|\['))(\w+)('\])?", name)
    return f"{inside[1]}d{inside[2]}{inside[3] or ''}" if inside else f"d{name}"


class Finding(NamedTuple):
    """A named mistake: which parameters' gradients it explains, the line where it is, and what stands there
    if it is right.

    wrong, line, right: of the hand-written pass; where it is in the forward pass instead (a path that has no
    line by hand), `forward` is that line.  generated: lines of the generated pass.
    """

    kind: str
    gradients: tuple
    wrong: str = ""
    line: int | None = None
    right: str = ""
    amount: str = ""
    forward: str = ""
    generated: tuple = ()

    def __str__(self):
        subject = ", ".join(map(gradient_name, self.gradients))
        sentence = SENTENCES[self.kind].format(amount=self.amount)
        if len(self.gradients) > 1:
            first, _, rest = sentence.partition(" ")
            sentence = (
                f"{ {'has': 'have', 'is': 'are', 'misses': 'miss', 'goes': 'go'}.get(first, first) } {rest}"
            )
        lines = [
            f"{self.kind}: {subject} {sentence}" if self.kind != "raises" else f"{self.kind}: {self.amount}"
        ]
        if self.wrong:
            lines.append(f"    {f'line {self.line}:':9} {self.wrong}")
            if self.right:
                lines.append(f"    right is: {self.right}")
        elif self.right:
            lines.append(f"    right is: {self.right}")
        if self.forward:
            lines.append(f"    forward:  {self.forward}")
        lines += [
            f"    {'revad has:' if not number else ' ' * 10} {text}"
            for number, text in enumerate(self.generated)
        ]
        return "\n".join(lines)
