"""Diagnostics: faults that no generator may have."""

import hashlib
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
    return (
        _shape(images),
        _range(images),
        _blank(images),
        _border(images),
        _repeated(images),
        _present(labels, classes),
        *([] if requested is None else [_counts(labels, classes, requested)]),
    )


def _shape(images: NDArray[np.uint8]) -> Check:
    passed = images.dtype == np.uint8 and images.shape[1:] == (28, 28)
    return Check("shape", "Shape and type", passed, f"{images.dtype}, {' x '.join(map(str, images.shape))}")


def _range(images: NDArray[np.uint8]) -> Check:
    low, high = np.quantile(images.min((1, 2)), 0.99), np.quantile(images.max((1, 2)), 0.01)
    detail = f"paper at most {low:.0f} in 99 % of images, ink at least {high:.0f}"
    return Check("range", "Grey levels", bool(low <= 16 and high >= 180), detail)


def _blank(images: NDArray[np.uint8]) -> Check:
    ink = (images >= _INK).sum((1, 2))
    blank, near = int((images.max((1, 2)) == images.min((1, 2))).sum()), int((ink < _FEWEST).sum())
    detail = f"{blank} blank, {near} with fewer than {_FEWEST} pixels of ink"
    return Check("blank", "No blank images", near == 0, detail)


def _border(images: NDArray[np.uint8]) -> Check:
    share = float((images[:, border_of(images.shape[1:])] >= _INK).any(1).mean())
    return Check("border", "Ink inside the border", share <= _MOST_TOUCHING, f"{share:.2%} touch the border")


def _repeated(images: NDArray[np.uint8]) -> Check:
    repeated = len(images) - len({hashlib.sha256(image.tobytes()).digest() for image in images})
    passed = repeated <= _MOST_REPEATED * len(images)
    return Check("repeated", "No repeated images", passed, f"{repeated} of {len(images)} repeat another")


def _present(labels: NDArray[np.int64], classes: Sequence[str]) -> Check:
    missing = [name for number, name in enumerate(classes) if not (labels == number).any()]
    detail = f"missing: {', '.join(missing)}" if missing else "none missing"
    return Check("classes", "Every class present", not missing, detail)


def _counts(labels: NDArray[np.int64], classes: Sequence[str], requested: NDArray[np.int64]) -> Check:
    counts = np.bincount(labels, minlength=len(classes))
    wrong = [name for name, got, wanted in zip(classes, counts, requested, strict=True) if got != wanted]
    detail = f"wrong for {', '.join(wrong)}" if wrong else f"{int(requested.sum())} as requested"
    return Check("counts", "Counts as requested", not wrong, detail)
