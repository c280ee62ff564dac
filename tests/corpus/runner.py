"""Runs cases of a corpus and prints how many are right, wrong, refused and crashed, and which.

`-r` leaves revad out and says of each case whether it is fit for a test: it runs, and its differences converge.
"""

import contextlib
import io
import pathlib
import sys
import traceback
import warnings

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parents[1] / name) for name in (".", "support")]

from differences import assert_gradient, assert_reference  # noqa: E402

OUTCOMES = ("right", "wrong", "refused", "crashed")


def outcome(case, expected=None):
    """One of OUTCOMES, with the last lines of what went wrong; `expected` as in assert_gradient."""
    import revad

    try:
        quietly(case, assert_gradient, expected=expected)
    except revad.InternalError:
        return "crashed", last_lines()
    except revad.RevadError as error:
        return "refused", str(error)
    except AssertionError as error:
        return "wrong", str(error).strip()
    except Exception:
        return "crashed", last_lines()
    return "right", ""


def outcome_without_revad(case):
    """The same for the case itself."""
    try:
        quietly(case, assert_reference)
    except AssertionError as error:
        return "wrong", str(error).strip()
    except Exception:
        return "crashed", last_lines()
    return "right", ""


def quietly(case, assertion, **more):
    with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return case.check(assertion, **more)


def last_lines():
    return "\n".join(traceback.format_exc().strip().splitlines()[-5:])


def run(cases, words, verbose=False, reference=False):
    """Runs the cases whose name holds one of the words; 1 if one of them fails."""
    found = {name: [] for name in OUTCOMES}
    functions = {name: set() for name in OUTCOMES}
    for case in cases:
        if not words or any(word in case.name for word in words):
            kind, message = (outcome_without_revad if reference else outcome)(case)
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


def main(cases):
    """The command line: [-v] [-r] [WORD ...]."""
    arguments = sys.argv[1:]
    words = [word for word in arguments if word not in ("-v", "-r")]
    sys.exit(run(cases, words, "-v" in arguments, "-r" in arguments))
