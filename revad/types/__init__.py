"""Types: what is known of values when compiling (kinds, lengths, constants, memory), and what gates ask of their operands."""
