"""Diagnostics: faults that no generator may have, passed or not."""

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from .metric import Check

_DRAWN = 128  # grey value from which a pixel counts as ink
_FEWEST = 15  # pixels of ink; the thinnest real digit has more
_MOST_TOUCHING = 0.03  # share of pictures with ink on the outermost pixels
_MOST_REPEATED = 0.001


def check_pictures(
    images: NDArray[np.uint8],
    labels: NDArray[np.int64],
    classes: Sequence[str],
    asked: NDArray[np.int64] | None,
) -> tuple[Check, ...]:
    """Check pictures (N, H, W) and labels (N,); `asked` counts by class what was asked for, None if nobody asked."""
    return (
        _shape(images),
        _range(images),
        _blank(images),
        _border(images),
        _repeated(images),
        _present(labels, classes),
        *([] if asked is None else [_counts(labels, classes, asked)]),
    )


def _shape(images: NDArray[np.uint8]) -> Check:
    passed = images.dtype == np.uint8 and images.shape[1:] == (28, 28)
    return Check("shape", "Shape and type", passed, f"{images.dtype}, {' x '.join(map(str, images.shape))}")


def _range(images: NDArray[np.uint8]) -> Check:
    low, high = np.quantile(images.min((1, 2)), 0.99), np.quantile(images.max((1, 2)), 0.01)
    return Check(
        "range",
        "Range of grey",
        bool(low <= 16 and high >= 180),
        f"paper at most {low:.0f} in 99 % of pictures, ink at least {high:.0f}",
    )


def _blank(images: NDArray[np.uint8]) -> Check:
    ink = (images >= _DRAWN).sum((1, 2))
    blank, near = int((images.max((1, 2)) == images.min((1, 2))).sum()), int((ink < _FEWEST).sum())
    return Check(
        "blank",
        "No blank pictures",
        near == 0,
        f"{blank} blank, {near} with fewer than {_FEWEST} pixels of ink",
    )


def _border(images: NDArray[np.uint8]) -> Check:
    edge = np.ones(images.shape[1:], bool)
    edge[1:-1, 1:-1] = False
    share = float((images[:, edge] >= _DRAWN).any(1).mean())
    return Check("border", "Ink inside the frame", share <= _MOST_TOUCHING, f"{share:.2%} touch the border")


def _repeated(images: NDArray[np.uint8]) -> Check:
    distinct = len({hashlib.blake2b(image.tobytes(), digest_size=16).digest() for image in images})
    repeated = len(images) - distinct
    passed = repeated <= _MOST_REPEATED * len(images)
    return Check("repeated", "No repeated pictures", passed, f"{repeated} of {len(images)} repeat another")


def _present(labels: NDArray[np.int64], classes: Sequence[str]) -> Check:
    missing = [name for number, name in enumerate(classes) if not (labels == number).any()]
    return Check(
        "classes",
        "Every class present",
        not missing,
        f"missing: {', '.join(missing)}" if missing else "all there",
    )


def _counts(labels: NDArray[np.int64], classes: Sequence[str], asked: NDArray[np.int64]) -> Check:
    counts = np.bincount(labels, minlength=len(classes))
    wrong = [name for name, got, due in zip(classes, counts, asked, strict=True) if got != due]
    detail = f"wrong for {', '.join(wrong)}" if wrong else f"{int(asked.sum())} as asked"
    return Check("counts", "Counts as asked", not wrong, detail)
