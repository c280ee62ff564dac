"""Functions with two loops, one in the other, that leave in every way: made systematically.

    text(("for", "while", "break", "continue", "return", "none", "data"), 0)     the text of one of them
    every()                                                                       all that there are, as (choice, number)
    sample(0)                                                                     some, with nearly every pair of parts

A choice is the kind of the outer and of the inner loop, the jumps in the inner and in the outer one, their
`else`, and what the conditions depend on.  What the loops change besides (numbers, arrays that are stored
into, a list) goes by a number.
"""
import itertools
import random
import textwrap

KINDS = ("for", "over", "while", "until", "empty")
JUMPS = ("none", "break", "continue", "return", "raise")
ELSES = ("none", "more", "continue", "break", "return")
CONDITIONS = ("data", "settings")
HEADS = {       # lines before the loop, its head, what a round begins with; {v} is its index
    "for": ("", "for {v} in range(3):", ""),
    "over": ("", "for {v}, e_{v} in enumerate(x):", "s = s + 0.1 * e_{v}"),
    "while": ("{v} = -1", "while {v} < 2:", "{v} += 1"),
    "until": ("{v} = -1", "while p < 4.0 and {v} < 2:", "{v} += 1\np = p * 1.3"),
    "empty": ("{v} = 1", "for {v} in range(n - 3):", ""),
}
STATES = (      # before the loops, in the outer one before the inner one, in the inner one, after the loops
    ("", "s = s * x[i]", "p = p * (1.1 + 0.1 * x[j] * y[i])", "s * p"),
    ("out = np.zeros(3)", "out[i] = s", "out[j] = out[j] * x[i] + y[j]", "np.sum(out ** 2) + s * p"),
    ("z = x * y", "z[i] = z[i] * s", "z *= y[j]", "np.sum(z * x) + s + p * p"),
    ("items = [x[0]]", "s = s + x[i] ** 2", "items.append(x[j] * s)",
     "sum(items) + np.sum(np.array(items) ** 2) + p"),
    ("q = x * 1.0", "q = q * x[i] + y", "s = s + np.sum(q * x[j])", "s * p + np.sum(q) + i * s + j"),
    ("out = np.zeros((3, 3))", "s = np.tanh(s) + x[i]", "out[i, j] = s * x[j]", "np.sum(out * out.T) + s"),
)
INNER = {"data": "x[j] * y[i] > 0.8", "settings": "i + j == n - 1"}
OUTER = {"data": "s > 1.5", "settings": "i == n - 2"}
ELSE = {"none": "", "more": "s = s * x[1] + 0.3", "continue": "continue", "break": "break",
        "return": "return s * x[2]"}
JUMP = {"break": "break", "continue": "continue", "return": "return s * p * x[1]",
        "raise": "raise ValueError(n)"}


def every():
    choices = itertools.product(KINDS, KINDS, JUMPS, JUMPS, ELSES, ("none", "more", "return"), CONDITIONS)
    return [(choice, number) for number, choice in enumerate(choices)]


def sample(seed):
    """Some of all, in which nearly each two parts that go together do so."""
    rest, found, seen = random.Random(seed).sample(every(), 1000), [], set()
    for least in (21, 14, 7, 3):        # so many new pairs
        for choice, number in rest:
            pairs = set(itertools.combinations(enumerate((*choice, number % len(STATES))), 2))
            if len(pairs - seen) >= least:
                found.append((choice, number))
                seen |= pairs
    return found


def text(choice, number):
    outer, inner, inner_jump, outer_jump, inner_else, outer_else, depends = choice
    begin, in_outer, in_inner, end = STATES[number % len(STATES)]
    before, head, first = (part.format(v="i") for part in HEADS[outer])
    inner_before, inner_head, inner_first = (part.format(v="j") for part in HEADS[inner])

    def jump(kind, condition):
        if kind == "none":
            return ""
        condition = f"{condition} and x[0] < -50.0" if kind == "raise" else condition
        return f"if {condition}:\n    {JUMP[kind]}"

    def orelse(kind):
        return f"else:\n    {ELSE[kind]}" if kind != "none" else ""
    inside = [inner_first, in_inner, jump(inner_jump, INNER[depends]), "s = s + 0.2 * x[j]"]
    around = [first, in_outer, inner_before, inner_head, *_indented(inside), orelse(inner_else),
              "p = p * 1.2", jump(outer_jump, OUTER[depends]), "s = s + p * y[i]"]
    lines = ["s = x[0] * y[0]", "p = 1.0", "j = 0", begin, before, head, *_indented(around),
             orelse(outer_else), f"return {end}"]
    return "def f(x, y, n=3):\n" + "\n".join(line for line in _indented(lines) if line.strip()) + "\n"


def _indented(blocks):
    return [textwrap.indent(block, "    ") for block in blocks]
