"""Measures of digits and of sets of digits: small pure functions, one noun a module."""
