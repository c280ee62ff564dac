"""A fault of the compiler is an InternalError in these tests, and no refusal, as which users see it; all gates are declared.

What each pass leaves is checked.
"""
import os

os.environ.setdefault("REVAD_FAULTS", "raise")
os.environ.setdefault("REVAD_CHECK", "1")

import revad.rules  # noqa: E402, F401  (tests that read the table of gates may come before any gradient)

collect_ignore = ["testing/typed_program.py"]       # for type checkers: `reveal_type` is theirs
