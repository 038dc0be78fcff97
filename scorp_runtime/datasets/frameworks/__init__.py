"""A virtual dataset as other frameworks want it: one module each, which imports its framework."""
