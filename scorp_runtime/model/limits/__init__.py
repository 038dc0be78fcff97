"""Bounds on the memory and time that a model file may ask for."""
