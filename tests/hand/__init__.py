"""Functions with a backward pass written by hand beside each: how revad's text compares, see `measure`."""
