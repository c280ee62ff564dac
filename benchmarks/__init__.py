"""Time generated gradients against the best that we can write by hand: `python -m benchmarks`."""
