"""Adaptors of the virtual dataset for other frameworks: one module each, which imports its framework."""
