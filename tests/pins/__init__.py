"""Pins: a line for each of some three thousand programs with a hash of every text that is generated for it, and of its conditions.

A commit that moves or renames code inside revad changes no line. A commit that means to change texts shows
what it changes:

    python -m tests.pins --against COMMIT     the texts that differ from those of a commit, side by side
    python -m tests.pins --write              the lines of tests/pins/*.txt anew

The lines hold for the Python and NumPy that `header` names; texts of others may differ in what those print.
"""
