"""Commands: what `python -m revad` can do, a module for each: its options, and the text and status it
gives.
"""
