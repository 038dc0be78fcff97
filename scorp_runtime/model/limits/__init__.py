"""Limits on memory and work, computed from the shapes of a graph before it runs."""
