"""Composition of the training set of `letters`: images by class and collection, and their styles.

python benchmarks/letters.py
"""

from string import ascii_uppercase

import numpy as np
import torch

from scorp_train.data.augmentation import make_variants
from scorp_train.data.letters import CHARS74K, EMNIST, NIST, SSE, find_letters, held_out, read_capitals
from scorp_train.data.mnist import load_mnist
from scorp_train.measures.style import STYLE_NAMES, measure_styles

NAMES = {EMNIST: "EMNIST", NIST: "A-Z of NIST SD19", SSE: "SSE-letters", CHARS74K: "Chars74K"}


def main() -> None:
    torch.set_num_threads(1)
    path = find_letters()
    assert path is not None, "letters.npz was not found"
    capitals = read_capitals(path)
    is_held_out = held_out(capitals)
    print("| collection | training | held out", *ascii_uppercase, sep=" | ", end=" |\n")
    print("| --- " * 29 + "|")
    for source, name in NAMES.items():
        own = capitals.source == source
        counts = np.bincount(capitals.labels[own], minlength=26)
        cells = (f"{count:,}" for count in ((own & ~is_held_out).sum(), (own & is_held_out).sum(), *counts))
        print(f"| {name}", *cells, sep=" | ", end=" |\n")
    print(
        f"\n| images | {' | '.join(f'{name}, px' if name != 'slant' else 'slant, degrees' for name in STYLE_NAMES)} |"
    )
    print("| --- " * 5 + "|")
    digits = load_mnist().train.images[:5000]
    parts = {"MNIST": digits} | {name: capitals.images[capitals.source == s] for s, name in NAMES.items()}
    for name, images in parts.items():
        _print_styles(name, images)
        if name != "MNIST":
            _print_styles(f"{name}, variants", make_variants(images, 0))


def _print_styles(name: str, images: np.ndarray) -> None:
    styles = measure_styles(images)
    print(
        f"| {name} |",
        " | ".join(f"{m:.2f} ± {s:.2f}" for m, s in zip(styles.mean(0), styles.std(0), strict=True)),
        "|",
    )


if __name__ == "__main__":
    main()
