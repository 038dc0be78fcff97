"""The card of a judge: what it is and how well it reads."""

from typing import Any

import numpy as np

from scorp_train.data import Dataset
from scorp_train.templating import render

from .lookalikes import lookalike_accuracy
from .reading import Judge


def measure_card(judge: Judge, dataset: Dataset, command: str, parameters: int) -> dict[str, Any]:
    """Read the test split and return the card as plain values, for the metadata of the judge's file.

    `lookalike_accuracy` is missing if no classes look alike, and `origin_accuracy` if there is one collection.

    Args:
        judge: the judge as stored.
        dataset: what it learned from.
        command: the command that trained it.
        parameters: number of its parameters.
    """
    labels, origins = dataset.test.labels, dataset.test.origins
    reading = judge.read(dataset.test.images)
    right = reading.labels == labels
    by_class = {
        name: float(right[labels == number].mean())
        for number, name in enumerate(dataset.classes)
        if (labels == number).any()
    }
    by_origin = {}
    for origin in [] if origins is None else np.unique(origins):
        own = origins == origin
        for share in lookalike_accuracy(reading.labels[own], labels[own], dataset.classes).values():
            by_origin[f"{origin}, {int(own.sum())} images"] = share
    shares = {
        "class_accuracy": by_class,
        "lookalike_accuracy": {
            f"all, {len(labels)} images": share
            for share in lookalike_accuracy(reading.labels, labels, dataset.classes).values()
        },
        "origin_accuracy": by_origin,
    }
    return {
        "dataset": dataset.name,
        "licence": dataset.licence,
        "command": command,
        "parameters": parameters,
        "accuracy": round(float(right.mean()), 4),
        "confidence": round(float(np.mean(reading.confidence)), 4),
        "wrong": int((~right).sum()),
    } | {name: {key: round(share, 4) for key, share in of.items()} for name, of in shares.items() if of}


def card_markdown(card: dict[str, Any], size: int) -> str:
    """Return the card as Markdown; `size` is that of the judge's file in bytes."""
    within = card.get("lookalike_accuracy", {}) | card.get("origin_accuracy", {})
    text = render("scorp_train.judge", "card.md.j2", card=card, within=within, size=size)
    return text.rstrip() + "\n"
