"""Draw: `revad circuit FILE:FUNCTION ARGUMENTS` draws a function as a circuit of gates, in SVG.

>>> values(["-2", "[1, 2]", "adam"])
[-2, array([1., 2.]), 'adam']
"""

from __future__ import annotations

import ast
import pathlib


def add_to(commands):
    """Add the command and its options."""
    command = commands.add_parser(
        "circuit",
        help="draw a function as a circuit of gates, with values in green and gradients in red",
        description="Draws a function as a circuit in SVG. An argument is a number, a list (an array), or a "
        "word of text.",
    )
    command.add_argument("target", help="package.module:function or path/file.py:function")
    command.add_argument("arguments", nargs="*", help='the arguments of the function, as in: -2 5 "[1, 2]"')
    command.add_argument(
        "-o", "--output", type=pathlib.Path, metavar="FILE", help="the file to write (default: the terminal)"
    )
    command.add_argument(
        "--depth", type=int, default=1, metavar="N", help="how deep loops and calls are opened"
    )
    command.add_argument("--merge", action="store_true", help="draw each statement as one gate")
    command.add_argument("--places", type=int, metavar="N", help="decimals of the numbers")
    command.add_argument("--text", action="store_true", help="a table of the gates, and no picture")
    command.set_defaults(run=run)


def values(words) -> list:
    """The arguments that the words of a command line say."""
    import numpy as np

    result = []
    for word in words:
        try:
            value = ast.literal_eval(word)
        except (ValueError, SyntaxError):
            value = word
        result.append(np.array(value, dtype=float) if isinstance(value, list) else value)
    return result


def run(options) -> tuple:
    """(text, exit status) of the command."""
    from ..errors import RevadError
    from ..exporting.command import resolved
    from ..lessons.drawing import circuit

    try:
        picture = circuit(
            resolved(options.target),
            *values(options.arguments),
            merge=options.merge,
            depth=options.depth,
            places=options.places,
        )
    except RevadError as refused:
        return str(refused), 1
    except Exception as error:      # of the function itself
        return f"{options.target}: {type(error).__name__}: {error}", 1
    if options.output is not None:
        picture.save(options.output)
        return f"{options.output}: {len(picture.nodes)} gates and inputs", 0
    return str(picture) if options.text else picture.svg().rstrip(), 0
