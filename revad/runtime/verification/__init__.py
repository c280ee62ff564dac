"""Verification: on the first call of a text it is compared with the function itself."""
