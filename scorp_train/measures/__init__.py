"""Measures of images and of sets of images: small pure functions."""
