"""The page of what is refused, made of the rows that the tests of refusals run: what, why, and what to write instead.

    python -m tests.errors_page > docs/errors.md
"""
import itertools
import pathlib
import re
import sys
import textwrap

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tests" / "support")]

from refused import ROWS  # noqa: E402

TITLES = {"syntax": "Syntax", "rules": "Rules of single functions", "more rules": "More rules"}
INTRODUCTION = """# What is refused, and what to write instead

This page is written by `python -m tests.errors_page`, from the rows that the tests run: each function below is refused with the message
that stands above it, and the one after it is accepted and has the gradient of differences. A message ends with what to write; a
function with several problems is told all of them at once, as one `UnsupportedError`.

Arguments are called x, y, z. In the examples `Plain(w)` is an object with the attribute w, and `two(a, b)` a function that multiplies.
"""


def sections():
    """(title, rows) of the table, by the comments that stand in it."""
    text = (ROOT / "tests" / "support" / "refused.py").read_text().partition("\nROWS = [")[2]
    title, titles = "", {}
    for line in re.finditer(r'^    (?:# (.+)|Row\((?:\n\s*)?"((?:[^"\\]|\\.)*)")', text, re.MULTILINE):
        title = line[1] or title
        if line[2] is not None:
            titles[line[2].replace('\\"', '"')] = title
    return [(TITLES.get(key, key[:1].upper() + key[1:]), list(rows))
            for key, rows in itertools.groupby(ROWS, lambda row: titles.get(row.name, title))]


def messages():
    """{name of a row: the first line of what is told} of the golden text."""
    text = (ROOT / "tests" / "golden" / "refusals.txt").read_text()
    pieces = (piece.splitlines() for piece in re.split(r"(?m)^(?=## )", text) if piece)
    return {lines[0][3:]: re.sub(r"^\S+?:\d+(:\d+)?: ", "", lines[1]) for lines in pieces}


def page() -> str:
    """The text of docs/errors.md."""
    told, lines = messages(), [INTRODUCTION]
    for title, rows in sections():
        lines += [f"## {title}", ""]
        for row in rows:
            name = row.name[:1].upper() + row.name[1:]
            mode = " (forward mode)" if row.forward else ""
            lines += [f"### {name}{mode}", "", "```text", *textwrap.wrap(told[row.name], 100), "```", "",
                      "```python", "# refused", row.refused.rstrip(), "", "# accepted", row.rewrite.rstrip(),
                      "```", ""]
    return "\n".join(lines).rstrip() + "\n"


if __name__ == "__main__":
    print(page(), end="")
