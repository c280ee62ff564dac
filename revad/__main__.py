"""Run `python -m revad demo` or `python -m revad reference`."""
from __future__ import annotations

import argparse
import sys


def main(arguments: list[str] | None = None) -> int:
    """Run the command that is named in the arguments, or say which commands there are.

    >>> main([])  # doctest: +ELLIPSIS
    usage: python -m revad [-h] {demo,reference} ...
    2
    """
    parser = argparse.ArgumentParser(
        prog="python -m revad",
        description="Gradients of Python and NumPy functions, written out as source.",
    )
    commands = parser.add_subparsers(dest="command", title="commands")
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
    options = parser.parse_args(arguments)
    if options.command is None:
        parser.print_help()
        return 2
    if options.command == "reference":
        from .layers import layers
        from .reference import reference, syntax

        print((layers if options.layers else syntax if options.syntax else reference)(), end="")
        return 0

    from .demo import MissingPackage, run

    try:
        run(epochs=options.epochs, seed=options.seed)
    except MissingPackage as missing:
        print(missing, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
