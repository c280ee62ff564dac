"""Request: the words for what is wanted of a function.

>>> f"grad{WITH_AUX}"
'grad with aux'
"""
from __future__ import annotations

WITH_AUX = " with aux"      # at the end of what is wanted of a function: 'grad with aux'
