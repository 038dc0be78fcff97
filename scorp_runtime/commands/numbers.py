"""Whole numbers on the command line."""

import argparse


def whole(text: str) -> int:
    """Read a whole number of at most 20 digits."""
    if not (text.isascii() and text.isdigit() and len(text) <= 20):
        raise argparse.ArgumentTypeError(f"{text[:40]!r} is not a whole number from 0 to 2^64-1")
    return int(text)


def count(text: str) -> int:
    """Read a whole number of at least 1."""
    number = whole(text)
    if number == 0:
        raise argparse.ArgumentTypeError("must be at least 1, not 0")
    return number
