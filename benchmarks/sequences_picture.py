"""Draw the picture of seven hands in the README.

python benchmarks/sequences_picture.py docs/sequences.png
"""

import sys

import numpy as np
from PIL import Image

from scorp_runtime import Generator

TEXT = "2026-11-21, 18:40 3.14159/2 7,077"


def main() -> None:
    generator = Generator()
    pages = [generator.sequence(TEXT, seed=5, index=index).image for index in range(7)]
    width = max(page.shape[1] for page in pages)
    sheet = np.concatenate([np.pad(page, ((0, 2), (0, width - page.shape[1]))) for page in pages])
    Image.fromarray(255 - sheet).save(sys.argv[1])


if __name__ == "__main__":
    main()
