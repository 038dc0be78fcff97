"""Find UNIPEN's characters that are wrongly labelled or badly cut, by the agreement of a classifier.

    python research/reject_unipen.py unipen.npz unipen_rejected.bin [--sheet rejected.png]

The writers are divided into five parts. A small classifier learns from four of them and reads the fifth. A character is
rejected if the classifier gives its class, together with the classes that look alike, almost no probability, or if its
size on the line is far from that of its class. The result is a list of checksums of the rejected characters.
"""

import argparse
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from scipy.special import softmax

from scorp_runtime.files.atomic import atomic_file
from scorp_train.data import Split
from scorp_train.data.unipen import draw_characters, read_packed
from scorp_train.evaluation.classifier import fit, predict

FOLDS = 5
EACH = 700  # images of each class to learn from
STEPS = 1600
LOOK_ALIKE = ("0Oo", "1Il|/", "6b", "9gq", "t+", "-_", ",'`", *(c + c.upper() for c in "cjkmnpsuvwxyz"))
LEAST = 0.03  # probability of the own class and of those that look alike
SIZES = 2.5  # factor between a character's size and the median of its class
FREE = ".,'`-_"  # may have any size
SHEET = 24  # images of a class


def main() -> None:
    """Write the checksums, print how many characters of each class are rejected, and draw some."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("unipen", type=Path)
    parser.add_argument("output", type=Path)
    parser.add_argument("--sheet", type=Path, help="PNG: rejected characters, a line for each class")
    options = parser.parse_args()
    torch.set_num_threads(1)
    characters = read_packed(options.unipen)
    classes = tuple(np.unique(characters.labels).tolist())
    split = draw_characters(characters, classes)
    own = own_probabilities(split, classes)
    rejected = (own < LEAST) | ~usual_sizes(split, classes)
    keys = characters.keys()
    listed = np.setdiff1d(keys[rejected], keys[~rejected])
    with atomic_file(options.output) as file:
        file.write(listed.astype("<u4").tobytes())
    for label, name in enumerate(classes):
        of_class = split.labels == label
        print(f"{name} {(rejected & of_class).sum()} of {of_class.sum()}")
    print(f"all {rejected.sum()} of {len(rejected)}")
    if options.sheet:
        draw_sheet(split.take(rejected), len(classes)).save(options.sheet)


def own_probabilities(split: Split, classes: tuple[str, ...]) -> NDArray[np.float64]:
    """Return the probability of each image's class and of those that look alike, read by a classifier: (N,)."""
    alike = look_alike(classes)
    fold = divide(split)
    own = np.empty(len(split))
    for number in range(FOLDS):
        learnt = even(np.flatnonzero(fold != number), split.labels, seed=number)
        network = fit(split.images[learnt], split.labels[learnt], len(classes), STEPS, seed=number)
        read = np.flatnonzero(fold == number)
        shares = softmax(predict(network, split.images[read]).astype(float), 1)
        own[read] = (shares * alike[split.labels[read]]).sum(1)
    return own


def look_alike(classes: tuple[str, ...]) -> NDArray[np.bool_]:
    """Return which classes look alike, bool (K, K)."""
    alike = np.eye(len(classes), dtype=np.bool_)
    for group in LOOK_ALIKE:
        members = [classes.index(name) for name in group if name in classes]
        alike[np.ix_(members, members)] = True
    return alike


def divide(split: Split) -> NDArray[np.int64]:
    """Return the part of each image, (N,): all of a writer's are in one, and the parts are about equally large."""
    assert split.writers is not None
    _, writer, counts = np.unique(split.writers, return_inverse=True, return_counts=True)
    sizes = np.zeros(FOLDS, np.int64)
    part = np.empty(len(counts), np.int64)
    for name in np.argsort(-counts, kind="stable"):
        part[name] = sizes.argmin()
        sizes[part[name]] += counts[name]
    return part[writer]


def even(places: NDArray[np.int64], labels: NDArray[np.int64], seed: int) -> NDArray[np.int64]:
    """Return `EACH` places of each class, with repetition if there are fewer."""
    random = np.random.default_rng(seed)
    of_class = [places[labels[places] == label] for label in np.unique(labels[places])]
    return np.concatenate([random.choice(own, EACH, replace=len(own) < EACH) for own in of_class])


def usual_sizes(split: Split, classes: tuple[str, ...]) -> NDArray[np.bool_]:
    """Return which images have a size that is usual for their class, bool (N,)."""
    usual = np.ones(len(split), np.bool_)
    for label, name in enumerate(classes):
        if name not in FREE:
            own = split.labels == label
            sizes = split.attributes["size"][own]
            usual[own] = np.abs(np.log(sizes / np.median(sizes))) < np.log(SIZES)
    return usual


def draw_sheet(split: Split, classes: int) -> Image.Image:
    """Return a picture of up to `SHEET` images of each class in a line, dark on white."""
    side = split.images.shape[1]
    sheet = np.zeros((classes, SHEET, side, side), np.uint8)
    for label in range(classes):
        images = split.of(label).images[:: max(1, len(split.of(label)) // SHEET)][:SHEET]
        sheet[label, : len(images)] = images
    return Image.fromarray(255 - sheet.transpose(0, 2, 1, 3).reshape(classes * side, SHEET * side))


if __name__ == "__main__":
    main()
