"""Whole numbers on the command line."""

import argparse
import sys


def whole(text: str, least: int = 0) -> int:
    """Read a whole number of at most 20 digits."""
    if not (text.isascii() and text.isdigit() and len(text) <= 20):
        raise argparse.ArgumentTypeError(f"{text[:40]!r} is not a whole number from {least} to 2^64-1")
    return int(text)


def count(text: str) -> int:
    """Read a whole number of at least 1, at most the length of the longest sequence."""
    number = whole(text, 1)
    if number == 0:
        raise argparse.ArgumentTypeError("must be at least 1, not 0")
    if number > sys.maxsize:
        raise argparse.ArgumentTypeError(f"must be at most {sys.maxsize}, not {number}")
    return number
