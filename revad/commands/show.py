"""Show: `revad show FILE:FUNCTION` prints what is generated for a function, or a page of both side by side.

>>> colored("x = 1  # a number\\n", False)
'x = 1  # a number\\n'
"""
from __future__ import annotations

import sys

PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title></head>
<body style="margin: 16px">
{body}
</body></html>"""


def add_to(commands):
    """Add the command and its options."""
    command = commands.add_parser(
        "show", help="print the gradient of a function, or a page with both side by side",
        description="Prints the text that is generated for a function. In a terminal it has colours where "
                    "Pygments is installed (pip install 'revad[show]').")
    command.add_argument("target", help="package.module:function or path/file.py:function")
    command.add_argument("--kinds", metavar="KINDS",
                         help="the arguments, as in \"X: float64[N, D], w: float64[D]\" (default: numbers)")
    command.add_argument("--wrt", metavar="NAMES", help="the parameters to differentiate, as in w,b")
    command.add_argument("--html", action="store_true", help="a page with the function at the left")
    command.add_argument("-o", "--output", metavar="FILE", help="the file to write (default: the terminal)")
    command.set_defaults(run=run)


def run(options) -> tuple:
    """(text, exit status) of the command."""
    from ..errors import RevadError

    try:
        text = shown(options)
    except RevadError as refused:
        return str(refused), 1
    except Exception as error:      # of the function itself, for the lengths that stand for the letters
        return f"{options.target}: {type(error).__name__}: {error}", 1
    if options.output is None:
        return colored(text, sys.stdout.isatty() and not options.html), 0
    with open(options.output, "w", encoding="utf-8") as file:
        file.write(text + "\n")
    return f"{options.output}: {len(text.splitlines())} lines", 0


def shown(options) -> str:
    """The text or the page.  Raises RevadError."""
    from ..exporting.command import resolved
    from ..exporting.kinds import parsed, sizes_of
    from ..runtime.gradient import Gradient
    from ..side_by_side import page_of

    function = resolved(options.target)
    if not isinstance(function, Gradient) or options.wrt:
        wrt = tuple(options.wrt.split(",")) if options.wrt else None
        function = Gradient(getattr(function, "primal", function), wrt)
    if options.kinds:
        kinds = parsed(options.kinds)
        sizes = sizes_of(kinds)
        function.compile(**{name: kind.example(sizes) for name, kind in kinds.items()})
    if options.html:
        return PAGE.format(title=function.__name__, body=page_of(function))
    return function.source


def colored(text, in_color) -> str:
    """The text with the colours of a terminal, if Pygments is there."""
    if not in_color:
        return text
    try:
        from pygments import highlight
        from pygments.formatters import TerminalFormatter
        from pygments.lexers import PythonLexer
    except ImportError:
        return text
    return highlight(text, PythonLexer(), TerminalFormatter()).rstrip("\n")
