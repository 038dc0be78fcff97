"""Diagnostics: faults that no generator may have."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from scorp_train.data.grey_levels import border_of

from .metric import Check

_INK = 128  # grey level from which a pixel counts as ink
_FEWEST = 15  # pixels of ink; the thinnest real digit has more
_MOST_TOUCHING = 0.03  # share of images with ink on the outermost pixels
_MOST_REPEATED = 0.001


def check_images(
    images: NDArray[np.uint8],
    labels: NDArray[np.int64],
    classes: Sequence[str],
    requested: NDArray[np.int64] | None,
) -> tuple[Check, ...]:
    """Check images (N, H, W) and labels (N,); `requested` is the number requested of each class, None if unknown."""
    shape = " x ".join(map(str, images.shape))
    lowest, highest = images.min((1, 2)), images.max((1, 2))
    paper, ink = np.quantile(lowest, 0.99), np.quantile(highest, 0.01)
    blank = int((lowest == highest).sum())
    faint = int(((images >= _INK).sum((1, 2)) < _FEWEST).sum())
    touching = float((images[:, border_of(images.shape[1:])] >= _INK).any(1).mean())
    repeated = len(images) - len({image.tobytes() for image in images})
    counts = np.bincount(labels, minlength=len(classes))
    missing = [name for name, count in zip(classes, counts, strict=True) if not count]
    checks = [
        Check("shape", "Shape and type", images.shape[1:] == (28, 28), f"{images.dtype}, {shape}"),
        Check(
            "range",
            "Grey levels",
            bool(paper <= 16 and ink >= 180),
            f"paper at most {paper:.0f} in 99 % of images, ink at least {ink:.0f}",
        ),
        Check(
            "blank",
            "No blank images",
            faint == 0,
            f"{blank} blank, {faint} with fewer than {_FEWEST} pixels of ink",
        ),
        Check(
            "border", "Ink inside the border", touching <= _MOST_TOUCHING, f"{touching:.2%} touch the border"
        ),
        Check(
            "repeated",
            "No repeated images",
            repeated <= _MOST_REPEATED * len(images),
            f"{repeated} of {len(images)} repeat another",
        ),
        Check("classes", "Every class present", not missing, f"missing: {', '.join(missing) or 'none'}"),
    ]
    if requested is not None:
        wrong = [name for name, got, want in zip(classes, counts, requested, strict=True) if got != want]
        detail = f"wrong for {', '.join(wrong)}" if wrong else f"{int(requested.sum())} as requested"
        checks.append(Check("counts", "Counts as requested", not wrong, detail))
    return tuple(checks)
