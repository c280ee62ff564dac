"""Spelling: the word that was meant where a name, a parameter or a key does not exist.

>>> nearest("weights", ["X", "weight", "b"])
'weight'
>>> did_you_mean("lr", ["learning_rate"])
''
>>> did_you_mean("np.summ", ["np.sum", "np.min"])
'Did you mean np.sum?'
>>> listed(["a", "b", 3])
"'a', 'b' and 3"
"""
from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Any

MANY = 12       # keys; of more, the first ones are listed


def nearest(word: Any, words: Iterable[Any]) -> str | None:
    """The one of `words` that is nearest to `word` in its letters, or None where none is near."""
    if not isinstance(word, str):
        return None
    words = sorted({other for other in words if isinstance(other, str) and other != word})
    same = [other for other in words if other.lower() == word.lower()]
    return next(iter(same or difflib.get_close_matches(word, words, 1, 0.7)), None)


def did_you_mean(word: Any, words: Iterable[Any], written: Any = str) -> str:
    """The question of a message, or '' where no word is near.  written: how the word is shown."""
    other = nearest(word, words)
    return "" if other is None else f"Did you mean {written(other)}?"


def listed(keys: Iterable[Any]) -> str:
    """Keys in a sentence, as they are written in a program."""
    keys = list(keys)
    written = [repr(key) for key in keys[:MANY]]
    if len(keys) > MANY:
        return f"{', '.join(written)} and {len(keys) - MANY} more"
    return " and ".join(filter(None, [", ".join(written[:-1]), *written[-1:]]))
