"""What comes of one program: right, refused for a reason, nothing to test, or wrong, and how long it took to compile."""
import contextlib
import re
import signal
import time
import warnings
from dataclasses import dataclass, field

import numpy as np

import revad
from revad.runtime import cache

KINDS = ("right", "refused", "nothing", "wrong")
SLOW = 2.0              # seconds of CPU for one text
LONGEST = 60            # seconds for one program


@dataclass
class Outcome:
    kind: str                               # one of KINDS
    # Of a refusal, in the words of the message; second orders too, of what is right at first order.
    reasons: list = field(default_factory=list)
    what: str = ""                          # of a wrong one: in which way, in a few words
    error: Exception | None = None
    seconds: float = 0.0                    # of CPU: the slowest text of the program


class Wrong(AssertionError):
    """A program is wrong; `what` says in which way."""

    def __init__(self, what, message):
        super().__init__(f"{what}: {message}")
        self.what = what


class EndlessError(BaseException):
    """A program runs on and on; no handler of errors, in it or in the compiler, is to take it for one."""


class _Stopwatch(cache.Variant):
    """A compiled text that notes how long compiling took; texts inside of it are part of it."""

    slowest, depth = 0.0, 0

    def __init__(self, *args, **options):
        start = time.process_time()
        type(self).depth += 1
        try:
            super().__init__(*args, **options)
        finally:
            _Stopwatch.depth -= 1
            if not _Stopwatch.depth:
                _Stopwatch.slowest = max(_Stopwatch.slowest, time.process_time() - start)


def guarded_outcome(family, program):
    """The outcome of a program, with the time of its slowest text."""
    _Stopwatch.slowest, _Stopwatch.depth = 0.0, 0
    before, cache.Variant = cache.Variant, _Stopwatch
    try:
        with limited(LONGEST), warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            outcome = family.outcome(program)
    except (Exception, EndlessError) as error:
        outcome = Outcome("wrong", what=getattr(error, "what", type(error).__name__), error=error)
    finally:
        cache.Variant = before
    outcome.seconds = _Stopwatch.slowest
    return outcome


@contextlib.contextmanager
def limited(seconds):
    """Raise EndlessError in what runs longer; each second again, where Python itself drops an exception.

    Within another limit, the one that is sooner over.
    """
    def ring(number, frame):
        raise EndlessError(f"it runs for more than {seconds} seconds")

    start, outer = time.monotonic(), signal.getitimer(signal.ITIMER_REAL)[0]
    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, min(seconds, outer) if outer else seconds, 1)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        if outer:
            signal.setitimer(signal.ITIMER_REAL, max(outer - (time.monotonic() - start), 0.001), 1)


def reason_of(error):
    """Why something is refused, without what differs from program to program.

    >>> try:
    ...     revad.grad(lambda x: np.i0(x))(1.0)
    ... except revad.RevadError as error:
    ...     print(reason_of(error))
    call of np.iN: revad has no rule for it
    """
    if isinstance(error, revad.UnsupportedError):
        text = f"{error.diagnostics[0].what}: {error.diagnostics[0].why}"
    else:
        text = f"{type(error).__name__}: {error}".splitlines()[0]
    text = re.sub(r"\bname '\w+'", "name", text)
    text = re.sub(r"<[^<>]*>:\d+:\d+: ", "", text)
    text = re.sub(r"/\S+/(\w+\.py)", r"\1", text)       # of a machine
    return re.sub(r"(\[N\])+", "[N]", re.sub(r"\d+(\.\d+)?", "N", text))[:160].strip()
