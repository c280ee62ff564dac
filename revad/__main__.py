"""Run `revad export`, `revad grade`, `revad circuit`, `revad show`, `revad demo` or `revad reference`."""
from __future__ import annotations

import argparse
import sys

from . import __version__
from .commands import draw, grade, show
from .errors import RevadError
from .exporting.command import add_options
from .exporting.command import run as run_export

COMMANDS = (show, draw, grade)     # modules of one command each


def main(arguments: list[str] | None = None) -> int:
    """Run the command that is named in the arguments, or say which commands there are.

    >>> main([])  # doctest: +ELLIPSIS
    usage: revad [-h] [--version] {export,demo,reference,show,circuit,grade} ...
    2
    """
    parser = argparse.ArgumentParser(
        prog="revad",
        description="Gradients of Python and NumPy functions, written out as source.",
    )
    parser.add_argument("--version", action="version", version=f"revad {__version__}")
    commands = parser.add_subparsers(dest="command", title="commands")
    add_options(commands.add_parser(
        "export", help="write a gradient to a file that imports NumPy and not revad",
        description="Write the gradient of a function to a file that imports NumPy and not revad, "
                    "or check that such a file is what would be written now.",
    ))
    demo = commands.add_parser(
        "demo", help="train a classifier of handwritten digits with a generated backward pass",
    )
    demo.add_argument("--epochs", type=int, default=30, metavar="N",
                      help="how often to go through the digits (default: %(default)s)")
    demo.add_argument("--seed", type=int, default=0, metavar="N",
                      help="where the random numbers start (default: %(default)s)")
    known = commands.add_parser("reference", help="print which functions and which syntax revad knows")
    page = known.add_mutually_exclusive_group()
    page.add_argument("--syntax", action="store_true", help="only the table of syntax")
    page.add_argument("--layers", action="store_true", help="only the picture of revad's own packages")
    page.add_argument("--names", metavar="FOLDER", help="write a page for each public name into a folder")
    for command in COMMANDS:
        command.add_to(commands)
    options = parser.parse_args(arguments)
    if options.command is None:
        parser.print_help()
        return 2
    if hasattr(options, "run"):
        text, status = options.run(options)
        print(text)
        return status
    if options.command == "reference":
        from .layers import layers
        from .name_pages import write_pages
        from .reference import reference, syntax

        if options.names:
            print(f"{options.names}: {len(write_pages(options.names))} pages")
            return 0
        print((layers if options.layers else syntax if options.syntax else reference)(), end="")
        return 0

    if options.command == "export":
        try:
            text, status = run_export(options)
        except RevadError as refused:
            print(refused, file=sys.stderr)
            return 1
        print(text, end="", file=sys.stderr if status else sys.stdout)
        return status

    from .demo import MissingPackage, run

    try:
        run(epochs=options.epochs, seed=options.seed)
    except MissingPackage as missing:
        print(missing, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
