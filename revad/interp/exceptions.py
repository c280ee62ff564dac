"""Exceptions: which block of a `try` runs, and what an import inside of one does.

The handler runs where the kinds of the arguments tell that the body raises; else the body is followed
alone, and what it raises while running reaches the caller as an error of this package.

>>> exists("math.pi"), exists("no_such_module")
(True, False)
"""
from __future__ import annotations

import dataclasses

from ..errors import Tried, UnsupportedError
from ..frontend.imports import exists
from ..types.refusals import RankUnknown, Refusal, raised_by
from ..types.scope import NameMissing, Unknown


def tried(interp, branch):
    """The stages of a `try` that run: its body, or what the body does before it surely raises and then the handler of that."""
    raised = _outcome(interp, branch.then)[0]
    for caught, block in branch.condition.handlers if raised is not None else ():
        if caught is None or any(issubclass(raised, interp.builder.scope.resolve(interp.frame.rename(path))) for path in caught):
            return (*_done_before(interp, branch.then), *block)
    return branch.then


def _done_before(interp, body):
    """The stages of a body before the one that raises, which may itself have changed nothing."""
    count = next(n for n in range(len(body)) if _outcome(interp, body[:n + 1])[0] is not None)
    if _outcome(interp, body[:count], body[count:count + 1])[1]:
        raise Refusal("'try' block", "what it changes before it raises cannot be followed", "Decide with 'if' what it is to do.")
    return body[:count]


def _outcome(interp, stages, last=()):
    """(the exception that stages surely raise or None, whether the last of them changes a variable); nothing is left of them."""
    checkpoint, before = interp.builder.checkpoint(), interp.snapshot()
    raised, interp.trials, frames = None, interp.trials + 1, ()
    try:
        interp.run(stages)
        frames = [dict(frame.env) for frame in interp.frames]
        interp.run(last)
    except (UnsupportedError, Refusal, NameMissing, RankUnknown, Unknown) as error:
        raised = raised_by(error)
    finally:
        interp.trials -= 1
    # A name that it gives a first value has none afterwards: to read it is refused.
    changed = any(frame.env.get(variable) is not value for frame, env in zip(interp.frames, frames) for variable, value in env.items())
    interp.restore(before)
    interp.builder.rollback(checkpoint)
    return raised, changed


def imported(interp, stage, operands):
    """An import: it raises if there is nothing of the name."""
    source = stage.statement.source
    if not exists(stage.form.name, source.package if source else None):
        raise Refusal("import", f"there is no {stage.form.name}", "Install it, or leave the import out.", ModuleNotFoundError)


def in_try(statement):
    """Whether a statement stands in a `try` of which no handler is followed."""
    return isinstance(getattr(statement, "place", None), Tried)


def marked(interp, stage):
    """A stage of a function that is called in a `try`, as of the statement that calls it."""
    return stage if interp.frame.tried is None else dataclasses.replace(stage, statement=interp.frame.tried)
