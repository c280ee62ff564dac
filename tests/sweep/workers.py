"""Processes that judge the programs; where one dies or stands still, its program is wrong, and another process goes on behind it.

    for name, seed, outcome in judged(blocks, workers): ...

>>> [(seed, outcome.kind) for _, seed, outcome in judged(iter([("gates", range(2))]), 1)]
[(0, 'right'), (1, 'right')]
"""
import faulthandler
import linecache
import multiprocessing
import multiprocessing.connection
import re
import signal
import tempfile

from . import load
from .family import LONGEST, Outcome, guarded_outcome

STANDSTILL = LONGEST + 30       # seconds, after which not even an alarm has ended a program
LIFE = 300                      # blocks of a process: what it caches does not grow for ever
LOST = "the process is lost: "
FORK = multiprocessing.get_context("fork")


def outcome_of(family, seed):
    """The program of a number, or None, and what comes of it."""
    try:
        program = family.program(seed)
    except Exception as error:
        return None, Outcome("wrong", what=f"the generator: {type(error).__name__}: {error}"[:120])
    return program, guarded_outcome(family, program)


def is_lost(what):
    """Whether a program that is wrong in this way takes the process with it."""
    return what.startswith(LOST)


def judged(blocks, workers):
    """What comes of each program: (family, seed, Outcome), the programs of a block in their order.

    blocks: an iterator of (family, seeds); it is asked for the next one when a process is free.
    """
    idle, busy = [], {}
    try:
        while True:
            while len(busy) < workers and (block := next(blocks, None)) is not None:
                process = idle.pop() if idle else _Process()
                process.begin(*block)
                busy[process.connection] = process
            if not busy:
                return
            for connection in multiprocessing.connection.wait(list(busy)):
                process = busy[connection]
                yield from process.received()
                if not process.is_alive or not process.left:
                    del busy[connection]
                    if not process.is_alive and process.left:
                        after = _Process()
                        after.begin(process.name, process.left)
                        busy[after.connection] = after
                    elif process.is_alive and process.life:
                        idle.append(process)
                    else:
                        process.end()
    finally:
        for process in [*idle, *busy.values()]:
            process.end()


class _Process:
    """A process that judges one block after another, and the block that it has."""

    def __init__(self):
        self.last_words = tempfile.NamedTemporaryFile("w+")
        self.connection, theirs = FORK.Pipe()
        self.process = FORK.Process(target=_work, args=(theirs, self.last_words), daemon=True)
        self.process.start()
        theirs.close()
        self.is_alive, self.life, self.name, self.left = True, LIFE, "", []

    def begin(self, name, seeds):
        self.name, self.left = name, list(seeds)
        self.life -= 1
        self.connection.send((name, self.left))

    def received(self):
        """What has come of the next program: of the one on which the process has died, too."""
        seed = self.left.pop(0)
        try:
            outcome = Outcome(*self.connection.recv())
        except (EOFError, ConnectionResetError):
            self.process.join()
            self.is_alive, outcome = False, Outcome("wrong", what=self.cause())
        yield self.name, seed, outcome

    def cause(self):
        """Of a process that has ended: by which signal, or that it stood still; and where."""
        code = self.process.exitcode
        self.last_words.seek(0)
        places = re.findall(r'File "[^"]*?([^/"]+)", line (\d+) in (\S+)', self.last_words.read())
        at = "".join(f" in {function} ({file}:{line})" for file, line, function in places[:1])
        return LOST + (f"it dies of {signal.Signals(-code).name}" if code < 0 else "it stands still") + at

    def end(self):
        self.connection.close()
        if self.is_alive:
            self.process.terminate()
        self.process.join()
        self.last_words.close()


def _work(connection, last_words):
    faulthandler.enable(last_words)
    while True:
        try:
            name, seeds = connection.recv()
        except EOFError:
            return
        family = load(name)
        for seed in seeds:
            # Not an alarm: that is not heard before NumPy comes back.
            faulthandler.dump_traceback_later(STANDSTILL, file=last_words, exit=True)
            _, outcome = outcome_of(family, seed)
            faulthandler.cancel_dump_traceback_later()
            connection.send((outcome.kind, outcome.reasons, outcome.what, None, outcome.seconds))
            linecache.clearcache()
