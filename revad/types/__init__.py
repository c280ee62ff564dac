"""Types: what is known of values when compiling (kinds, lengths, constants, memory); what gates require."""
