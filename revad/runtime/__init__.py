"""Run time: what happens when a gradient is called: entry conditions, the cache of texts, forward and backward passes."""
