"""The card of a judge, in figures that the training command measures."""

from dataclasses import asdict, dataclass

import numpy as np

from scorp_train.data import Dataset

from .alphabets import alphabet_accuracies
from .reading import Judge, Reading


@dataclass(frozen=True)
class Card:
    """What a judge is and how well it reads; `accuracy` and `confidence` are of the test split.

    `alphabet_accuracy` is of digits among digits and capitals among capitals, and `origin_accuracy` the same of each
    collection of the test split; both are empty where the data set has one alphabet, or one collection, only.
    """

    dataset: str
    licence: str
    command: str
    parameters: int
    accuracy: float
    confidence: float
    wrong: int
    class_accuracy: dict[str, float]
    alphabet_accuracy: dict[str, float]
    origin_accuracy: dict[str, float]


def measure_card(judge: Judge, dataset: Dataset, command: str, parameters: int) -> Card:
    """Read the test split and sum up."""
    reading = judge.read(dataset.test.images)
    right = reading.labels == dataset.test.labels
    by_class = {
        name: round(float(right[dataset.test.labels == number].mean()), 4)
        for number, name in enumerate(dataset.classes)
        if (dataset.test.labels == number).any()
    }
    return Card(
        dataset=dataset.name,
        licence=dataset.licence,
        command=command,
        parameters=parameters,
        accuracy=round(float(right.mean()), 4),
        confidence=round(float(np.mean(reading.confidence)), 4),
        wrong=int((~right).sum()),
        class_accuracy=by_class,
        alphabet_accuracy=_rounded(alphabet_accuracies(reading, dataset.test.labels, dataset.classes)),
        origin_accuracy=_by_origin(reading, dataset),
    )


def _by_origin(reading: Reading, dataset: Dataset) -> dict[str, float]:
    """Shares of each collection read as labelled within its alphabet, `collection, alphabet`."""
    origins = dataset.test.origins
    shares: dict[str, float] = {}
    for origin in [] if origins is None else np.unique(origins):
        mine = origins == origin
        part = Reading(reading.logits[mine], reading.features[mine])
        accuracies = alphabet_accuracies(part, dataset.test.labels[mine], dataset.classes)
        shares |= {f"{origin}, {int(mine.sum())} pictures": share for share in accuracies.values()}
    return _rounded(shares)


def _rounded(shares: dict[str, float]) -> dict[str, float]:
    return {name: round(share, 4) for name, share in shares.items()}


def card_fields(card: Card) -> dict[str, object]:
    """The card as plain values, for the metadata of the file; what is empty is left out."""
    return {name: value for name, value in asdict(card).items() if value != {}}


def card_markdown(card: Card, size: int) -> str:
    """The card as Markdown; `size` is that of the file, in bytes."""
    rows = _rows(card.class_accuracy)
    within = _rows(card.alphabet_accuracy | card.origin_accuracy)
    if within:
        within = f"""
Digits among digits, capitals among capitals (nobody tells 0 from O without knowing which it must be):

| test pictures | read right |
| --- | --- |
{within}
"""
    return f"""# The judge for {card.dataset}

A frozen classifier, the yardstick of `scorp-eval`: it reads pictures and gives the features in which distances
between sets of pictures are taken. It never takes part in training a generator.

| | |
| --- | --- |
| input | `image` uint8 [N, 28, 28], 0 = paper, 255 = ink |
| outputs | `logits` float32 [N, {len(card.class_accuracy)}], `features` float32 [N, 64] |
| read right on the test split | {card.accuracy:.2%} ({card.wrong} wrong) |
| mean confidence there | {card.confidence:.4f} |
| parameters | {card.parameters:,}, stored as int8 with one scale a channel |
| file | {size:,} bytes |
| trained on | the training split of {card.dataset}, licence {card.licence}, deformed at random (affine, elastic) |
| made by | `{card.command}` |

The features are 64 numbers from which, during training, the class had to be read *and* the picture be
redrawn. A classifier alone is free to forget everything but the class, and then ten perfect prototypes look
like all of the data; these features remember thickness, slant and shape.
{within}
| class | read right |
| --- | --- |
{rows}
"""


def _rows(shares: dict[str, float]) -> str:
    return "\n".join(f"| {name.replace('_', ' ')} | {share:.2%} |" for name, share in shares.items())
