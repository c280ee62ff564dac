"""A fault of the compiler is an InternalError in these tests, and no refusal, as which users see it; all gates are declared."""
import os

os.environ.setdefault("REVAD_FAULTS", "raise")

import revad.rules  # noqa: E402, F401  (tests that read the table of gates may come before any gradient)
