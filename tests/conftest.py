"""A fault of the compiler is an InternalError in these tests, and no refusal, as which users see it."""
import os

os.environ.setdefault("REVAD_FAULTS", "raise")
