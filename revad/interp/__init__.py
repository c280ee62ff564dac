"""Abstract interpreter: follows a Program with kinds in the place of values, and specialises it to them."""
