"""Abstract interpreter: follows a Program of names with kinds in the place of values, and specialises it to them."""
