"""The measures of Morpho-MNIST (Castro, Tan, Kainz, Konukoglu and Glocker 2019): the slow reference for `style`.

Today's scikit-image does not reproduce the authors' tables exactly: their first training digit is 2.461 px thick and
measures 2.486 px here. Thickness moves in steps of about half a pixel on drawn bars, stroke ends lower it, and
smoothing widens everything slightly. Compare only values from the same code.
`scorp_train.measures.style` is calibrated against this.
"""

import math
from dataclasses import astuple, dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from skimage import morphology, transform

SCALE = 4
THRESHOLD = 0.5
BOUND = 0.02  # share of the ink outside the bounding parallelogram, on both sides together
_LINKS = np.array([[0.0, 0.0, 0.0], [0.0, 0.0, 1.0], [math.sqrt(2), 1.0, math.sqrt(2)]])


@dataclass(frozen=True)
class Morphology:
    """Measures of one image: area in px², lengths in px, slant in degrees (positive leans right); NaN if blank."""

    area: float
    length: float
    thickness: float
    slant: float
    width: float
    height: float


def measure(image: NDArray[np.uint8]) -> Morphology:
    """Measure an image uint8 (H, W), 255 = ink. Raises ValueError for another shape or type."""
    if image.ndim != 2 or image.dtype != np.uint8 or min(image.shape) < 2:
        raise ValueError(f"an image must be uint8 (H, W), at least 2 x 2, not {image.dtype} {image.shape}")
    if image.min() == image.max():
        return Morphology(*[math.nan] * 6)
    ink = np.rint(255 * transform.pyramid_expand(image, upscale=SCALE, order=3, channel_axis=None))
    binary = ink >= ink.min() + (ink.max() - ink.min()) * THRESHOLD
    # A frame of paper gives ink at the border an edge to measure the distance to.
    framed = np.pad(binary, 1)
    skeleton, distance = morphology.medial_axis(framed, return_distance=True, rng=42)
    links = ndimage.correlate(skeleton.astype(float), _LINKS, mode="constant")
    shear = _shear(ink)
    left, right = _bounds(_columns_along(ink, shear))
    top, bottom = _bounds(ink.sum(1))
    return Morphology(
        area=float(binary.sum()) / SCALE**2,
        length=float(links[skeleton].sum()) / SCALE,
        thickness=2 * float(distance[skeleton].mean()) / SCALE,
        slant=math.degrees(math.atan(-shear)),
        width=(right - left) / SCALE,
        height=(bottom - top) / SCALE,
    )


def measure_all(images: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Measure images uint8 (N, H, W). Returns float64 (N, 6), columns in the order of the fields of `Morphology`."""
    rows = [astuple(measure(image)) for image in images]
    return np.array(rows, np.float64).reshape(-1, 6)


def _shear(ink: NDArray[np.float64]) -> float:
    """Return the horizontal shift per row of the axis of second moments."""
    y, x = np.indices(ink.shape)
    mass = ink.sum()
    dx, dy = x - (x * ink).sum() / mass, y - (y * ink).sum() / mass
    across = float((dx * dy * ink).sum())
    down = float((dy * dy * ink).sum())
    return across / down if down > 0 else 0.0


def _columns_along(ink: NDArray[np.float64], shear: float) -> NDArray[np.float64]:
    """Return the ink by column after undoing the shear around the centroid's row."""
    width = ink.shape[1]
    y, x = np.indices(ink.shape)
    middle = (y * ink).sum() / ink.sum()
    # A pixel counts for threshold t if x + .5 < t + shear (y - middle): for all t above its own position.
    column = np.floor(x + 0.5 - shear * (y - middle)).astype(int)
    bins = np.bincount(np.clip(column, 0, width - 1).ravel(), ink.ravel(), minlength=width)
    return bins.astype(np.float64)


def _bounds(histogram: NDArray[np.float64]) -> tuple[float, float]:
    """Return the interpolated positions that leave half of `BOUND` of the mass on either side."""
    below = np.concatenate([[0.0], np.cumsum(histogram)[:-1]]) / histogram.sum()
    low, high = np.interp([BOUND / 2, 1 - BOUND / 2], below, np.arange(len(histogram)))
    return float(low), float(high)
