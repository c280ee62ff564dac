"""Lessons: `stages` and `circuit` show the value and the gradient of each gate."""
