"""Accuracy among digits and among capitals: 0 and O, or 1 and I, differ only if you know which alphabet to expect."""

from string import ascii_uppercase, digits

import numpy as np
from numpy.typing import NDArray

from .reading import Reading

ALPHABETS = {"digit": digits, "capital": ascii_uppercase}


def alphabet_members(classes: tuple[str, ...]) -> dict[str, list[int]]:
    """Return the indices of the digits and of the capitals; empty unless the classes are digits and capitals only."""
    members = {
        name: [number for number, label in enumerate(classes) if label in set(alphabet)]
        for name, alphabet in ALPHABETS.items()
    }
    return members if all(members.values()) and sum(map(len, members.values())) == len(classes) else {}


def alphabet_accuracies(
    reading: Reading, labels: NDArray[np.int64], classes: tuple[str, ...]
) -> dict[str, float]:
    """Return `digit_accuracy` and `capital_accuracy`: shares read as labelled among the classes of the alphabet.

    Empty if `alphabet_members` is; an alphabet without images has no entry.
    """
    accuracies = {}
    for name, numbers in alphabet_members(classes).items():
        own = np.isin(labels, numbers)
        if own.any():
            read = np.array(numbers)[reading.logits[own][:, numbers].argmax(1)]
            accuracies[f"{name}_accuracy"] = float((read == labels[own]).mean())
    return accuracies
