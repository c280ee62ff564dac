"""Run time: what runs when a gradient is called: guards, the cache of texts, forward and backward passes."""
