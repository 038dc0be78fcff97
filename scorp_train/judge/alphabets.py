"""Digits among digits, capitals among capitals: nobody tells 0 from O or 1 from I without knowing which it must be."""

from string import ascii_uppercase, digits

import numpy as np
from numpy.typing import NDArray

from .reading import Reading

ALPHABETS = {"digit": digits, "capital": ascii_uppercase}


def alphabet_members(classes: tuple[str, ...]) -> dict[str, list[int]]:
    """Places of the digits and of the capitals among the classes; empty unless there are both and nothing else."""
    members = {
        name: [number for number, label in enumerate(classes) if label in set(alphabet)]
        for name, alphabet in ALPHABETS.items()
    }
    return members if all(members.values()) and sum(map(len, members.values())) == len(classes) else {}


def alphabet_accuracies(
    reading: Reading, labels: NDArray[np.int64], classes: tuple[str, ...]
) -> dict[str, float]:
    """`digit_accuracy` and `capital_accuracy`: shares read as labelled when only classes of the alphabet may be read.

    Empty where `alphabet_members` is; an alphabet without a picture has no share.
    """
    accuracies = {}
    for name, numbers in alphabet_members(classes).items():
        mine = np.isin(labels, numbers)
        if mine.any():
            read = np.array(numbers)[reading.logits[mine][:, numbers].argmax(1)]
            accuracies[f"{name}_accuracy"] = float((read == labels[mine]).mean())
    return accuracies
