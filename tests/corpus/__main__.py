"""Prints how many functions of the corpus are right, wrong, refused and crashed, and which.

    python -m tests.corpus [-v] [WORD ...]

WORDs choose the cases whose name holds one of them; -v prints the message of each failure.
"""

import contextlib
import io
import pathlib
import sys
import traceback
import warnings

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

import revad  # noqa: E402
from differences import assert_gradient  # noqa: E402

from . import all_cases  # noqa: E402

OUTCOMES = ("right", "wrong", "refused", "crashed")


def outcome(case):
    """One of OUTCOMES, with the last lines of what went wrong."""
    try:
        with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            assert_gradient(case.function, case.args, case.wrt, rtol=case.rtol, atol=case.atol, kwargs=case.kwargs)
    except revad.InternalError:
        return "crashed", "\n".join(traceback.format_exc().strip().splitlines()[-5:])
    except revad.RevadError as error:
        return "refused", str(error)
    except AssertionError as error:
        return "wrong", str(error).strip()
    except Exception:
        return "crashed", "\n".join(traceback.format_exc().strip().splitlines()[-5:])
    return "right", ""


def main(words, verbose):
    found = {name: [] for name in OUTCOMES}
    functions = {name: set() for name in OUTCOMES}
    for case in all_cases():
        if not words or any(word in case.name for word in words):
            kind, message = outcome(case)
            found[kind].append((case.name, message))
            functions[kind].add(case.function)
    for kind in OUTCOMES[1:]:
        for name, message in found[kind]:
            print(f"{kind:8} {name}")
            if verbose:
                print("    " + message.replace("\n", "\n    "))
    failed = set().union(*(functions[kind] for kind in OUTCOMES[1:]))
    print(", ".join(f"{len(found[kind])} {kind}" for kind in OUTCOMES), f"of {sum(map(len, found.values()))} cases;")
    print(f"{len(functions['right'] - failed)} functions are right in every case, {len(failed)} are not")
    return 1 if failed else 0


if __name__ == "__main__":
    arguments = sys.argv[1:]
    sys.exit(main([a for a in arguments if a != "-v"], "-v" in arguments))
