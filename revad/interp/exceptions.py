"""Exceptions: which block of a `try` runs, and what an import inside of one does.

The handler runs where the kinds of the arguments show that the body raises; else only the body is
followed, and an exception that it raises at run time reaches the caller as an error of this package.
>>> exists("math.pi"), exists("no_such_module")
(True, False)
"""
from __future__ import annotations

import dataclasses

from ..errors import Tried, UnsupportedError
from ..frontend.imports import exists
from ..types.refusals import RankUnknown, Refusal, raised_by
from ..types.scope import NameMissing, Unknown


def stages_of_try(interp, branch):
    """The stages of a `try` that run: the body, or its stages before the one that raises and the handler."""
    raised = _outcome(interp, branch.then)[0]
    for caught, block in branch.condition.handlers if raised is not None else ():
        if caught is None or any(issubclass(raised, interp.builder.scope.resolve(interp.frame.rename(path)))
                                 for path in caught):
            return (*_done_before(interp, branch.then), *block)
    return branch.then


def _done_before(interp, body):
    """The stages of a body before the one that raises, which must not have changed anything."""
    count = next(n for n in range(len(body)) if _outcome(interp, body[:n + 1])[0] is not None)
    if _outcome(interp, body[:count], body[count:count + 1])[1]:
        raise Refusal("'try' block", "what it changes before it raises cannot be followed",
                      "Decide with 'if' what it is to do.")
    return body[:count]


def _outcome(interp, stages, last=()):
    """(the exception that the stages surely raise or None, whether the last one changes a variable).

    The stages are undone.
    """
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
    # A variable that they assign first has no value afterwards: reading it is refused.
    changed = any(frame.env.get(variable) is not value for frame, env in zip(interp.frames, frames)
                  for variable, value in env.items())
    interp.restore(before)
    interp.builder.rollback(checkpoint)
    return raised, changed


def imported(interp, stage, operands):
    """An import, which raises if it cannot be resolved."""
    source = stage.statement.source
    if not exists(stage.form.name, source.package if source else None):
        raise Refusal("import", f"there is no {stage.form.name}", "Install it, or leave the import out.",
                      ModuleNotFoundError)


def in_try(statement):
    """Whether a statement stands in a `try` of which no handler is followed."""
    return isinstance(getattr(statement, "place", None), Tried)


def with_statement_of_caller(interp, stage):
    """A stage of a function called in a `try`, as part of the statement that calls it."""
    return stage if interp.frame.tried is None else dataclasses.replace(stage, statement=interp.frame.tried)
