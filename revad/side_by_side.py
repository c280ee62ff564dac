"""Side by side: a function and what was generated from it, as a page in which lines light up.

Lines that belong together do so together. The page is HTML with a style of its own and no script.

>>> page = side_by_side("def f(x):\\n    return x * x\\n", 1, "def f_grad(x):\\n    return 2 * x", {2: 2})
>>> page.count('class="revad-line g2"'), "<script" in page
(2, False)
"""
from __future__ import annotations

import html
import inspect
import textwrap
import zlib

STYLE = """
.{name} {{ display: flex; flex-wrap: wrap; gap: 8px 32px; }}
.{name} {{ font: 13px/1.5 ui-monospace, Menlo, Consolas, monospace; }}
.{name} > div {{ flex: 1 1 320px; min-width: 0; overflow-x: auto; }}
.{name} .revad-line {{ white-space: pre; min-height: 1.5em; padding: 0 6px; }}
.{name} .revad-comment {{ color: #6a737d; }}
.{name} .revad-title {{ font-family: sans-serif; font-weight: bold; padding: 0 6px 4px; }}
"""
LIGHT = ".{name}:has(.g{line}:hover) .g{line} {{ background: #fff3bf; color: #24292e; }}\n"


def side_by_side(source, first, text, lines, titles=("function", "generated")) -> str:
    """HTML of two texts.

    first: the line of the file at which `source` begins.  lines: {line of the text: line of the file}.
    """
    name = f"revad-{zlib.crc32(f'{source}{text}'.encode()):08x}"
    left = [(line, first + number) for number, line in enumerate(source.rstrip("\n").split("\n"))]
    right = _with_comments([(line, lines.get(number))
                            for number, line in enumerate(text.rstrip("\n").split("\n"), 1)])
    shared = sorted({line for _, line in left} & {line for _, line in right if line is not None})
    style = STYLE.format(name=name) + "".join(LIGHT.format(name=name, line=line) for line in shared)
    columns = [f'<div><div class="revad-title">{html.escape(title)}</div>{_column(column, shared)}</div>'
               for title, column in zip(titles, (left, right))]
    return f'<style>{style}</style><div class="{name}">{"".join(columns)}</div>'


def _with_comments(lines):
    """A comment belongs to the lines below it."""
    result, below = [], None
    for line, place in reversed(lines):
        is_comment = line.strip().startswith("#")
        result.append((line, below if is_comment else place))
        below = below if is_comment else place
    return result[::-1]


def _column(lines, shared):
    cells = []
    for line, place in lines:
        group = f" g{place}" if place in shared else ""
        comment = " revad-comment" if line.strip().startswith("#") else ""
        cells.append(f'<div class="revad-line{group}{comment}">{html.escape(line)}</div>')
    return "".join(cells)


def page_of(gradient) -> str:
    """The page of a Gradient: its function and the text of its last call.  Raises CallError without one."""
    text = gradient.text(gradient.part)
    last = gradient._last.cell_contents
    lines = {}
    if last is not None:
        file = gradient.function.__code__.co_filename
        lines = {number: place.line for number, place in last.variant.listing.lines.items()
                 if place.file == file}
    source, first = inspect.getsourcelines(gradient.function)
    return side_by_side(textwrap.dedent("".join(source)), max(first, 1), text, lines,
                        (gradient.__name__, f"{gradient.part} of {gradient.__name__}"))
