"""Image corruptions: the fifteen of MNIST-C (Mu and Gilmer 2019), reimplemented, and white noise.

`CORRUPTIONS` holds the strength of each severity. The randomness of image i depends only on the seed, the corruption
and i. Strengths follow the paper where it states them; scores are not comparable with those on the published files.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from skimage.feature import canny

Image = NDArray[np.float64]  # (H, W), 0 = paper, 1 = ink
Random = np.random.Generator
Corruption = Callable[[Image, Any, Random], Image]
SEVERITIES = (1, 2, 3, 4, 5)


def gaussian_noise(image: Image, strength: Any, random: Random) -> Image:
    """Add white noise to every pixel."""
    return image + random.normal(0, strength, image.shape)


def shot_noise(image: Image, strength: Any, random: Random) -> Image:
    """Add the Poisson noise of so few photons."""
    return np.asarray(random.poisson(np.clip(image, 0, 1) * strength) / strength)


def impulse_noise(image: Image, strength: Any, random: Random) -> Image:
    """Set a share of the pixels to paper or ink."""
    chance = random.random(image.shape)
    return np.where(chance < strength / 2, 0.0, np.where(chance < strength, 1.0, image))


def glass_blur(image: Image, strength: Any, random: Random) -> Image:
    """Swap near pixels, between two blurs; the strength is their sigma, the reach and the number of swaps."""
    sigma, reach, rounds = strength
    rows, columns = np.indices(image.shape)
    blurred = ndimage.gaussian_filter(image, sigma)
    for _ in range(rounds):
        shift = random.integers(-reach, reach + 1, (2, *image.shape))
        places = [rows + shift[0], columns + shift[1]]
        blurred = ndimage.map_coordinates(blurred, places, order=0, mode="nearest")
    return np.asarray(ndimage.gaussian_filter(blurred, sigma))


def motion_blur(image: Image, strength: Any, random: Random) -> Image:
    """Blur over a length in pixels along a random direction, up to 45 degrees from horizontal."""
    angle = random.uniform(-np.pi / 4, np.pi / 4)
    steps = np.linspace(-strength / 2, strength / 2, 2 * strength + 1)
    shifted = [ndimage.shift(image, (t * np.sin(angle), t * np.cos(angle)), order=1) for t in steps]
    return np.asarray(np.mean(shifted, 0))


def shear(image: Image, strength: Any, random: Random) -> Image:
    """Slant to either side."""
    return _warp(image, np.array([[1, 0], [_signed(strength, random), 1]]))


def scale(image: Image, strength: Any, random: Random) -> Image:
    """Shrink to a share of the size."""
    return _warp(image, np.eye(2) / strength)


def rotate(image: Image, strength: Any, random: Random) -> Image:
    """Rotate to either side, by an angle in radians."""
    angle = _signed(strength, random)
    cos, sin = np.cos(angle), np.sin(angle)
    return _warp(image, np.array([[cos, -sin], [sin, cos]]))


def translate(image: Image, strength: Any, random: Random) -> Image:
    """Move by a number of pixels along both axes."""
    shift = [_signed(strength, random), _signed(strength, random)]
    return np.asarray(ndimage.shift(image, shift, order=1))


def brightness(image: Image, strength: Any, random: Random) -> Image:
    """Make the paper grey."""
    return np.asarray(image + strength)


def stripe(image: Image, strength: Any, random: Random) -> Image:
    """Invert a vertical band of some pixels."""
    start = (image.shape[1] - strength) // 2
    striped = image.copy()
    striped[:, start : start + strength] = 1 - striped[:, start : start + strength]
    return striped


def fog(image: Image, strength: Any, random: Random) -> Image:
    """Add a cloud of plasma noise; the strength is its amount and how fast its octaves decay."""
    amount, decay = strength
    height, width = image.shape
    cloud = np.zeros(image.shape)
    for octave in range(5):
        cells = 2**octave + 1
        zoom = (height / cells, width / cells)
        layer = ndimage.zoom(random.random((cells, cells)), zoom, order=1, grid_mode=True, mode="nearest")
        cloud += layer * decay**-octave
    cloud -= cloud.min()
    cloud /= cloud.max()
    return np.asarray((image + amount * cloud) / (1 + amount))


def spatter(image: Image, strength: Any, random: Random) -> Image:
    """Add blots of ink on a share of the image."""
    cloud = ndimage.gaussian_filter(random.normal(size=image.shape), 1.2)
    edge = np.quantile(cloud, 1 - strength)
    blots = np.clip((cloud - edge) / (cloud.max() - edge), 0, 1) ** 0.5
    return np.asarray(np.maximum(image, blots))


def lines(image: Image, strength: Any, random: Random, wave: float, gap: int) -> Image:
    """Draw a number of lines from left to right, in every `gap`-th column."""
    height, width = image.shape
    drawn = image.copy()
    columns = np.arange(0, width, gap)
    for _ in range(strength):
        ends = random.uniform(0, height - 1, 2)
        rows = np.linspace(ends[0], ends[1], width)[columns]
        rows = rows + wave * (2 * np.abs((columns / 4 + random.random()) % 2 - 1) - 1)
        drawn[np.clip(np.rint(rows), 0, height - 1).astype(int), columns] = 1.0
    return drawn


def canny_edges(image: Image, strength: Any, random: Random) -> Image:
    """Blend strokes with their outlines (Canny 1986)."""
    edges = canny(np.clip(image, 0, 1), sigma=1.0).astype(float)
    return np.asarray((1 - strength) * image + strength * edges)


_FIFTHS = (0.2, 0.4, 0.6, 0.8, 1.0)
CORRUPTIONS: dict[str, tuple[Corruption, Sequence[Any]]] = {
    "shot_noise": (shot_noise, (60, 25, 12, 5, 3)),
    "impulse_noise": (impulse_noise, (0.03, 0.06, 0.09, 0.17, 0.27)),
    "glass_blur": (glass_blur, ((0.4, 1, 1), (0.5, 1, 2), (0.6, 2, 1), (0.7, 2, 2), (0.8, 3, 2))),
    "motion_blur": (motion_blur, (3, 5, 7, 9, 11)),
    "shear": (shear, _FIFTHS),
    "scale": (scale, (0.9, 0.8, 0.7, 0.6, 0.5)),
    "rotate": (rotate, _FIFTHS),
    "brightness": (brightness, (0.1, 0.2, 0.3, 0.4, 0.5)),
    "translate": (translate, SEVERITIES),
    "stripe": (stripe, (2, 4, 6, 8, 10)),
    "fog": (fog, ((0.5, 2.0), (0.7, 2.0), (0.9, 1.7), (1.1, 1.5), (1.4, 1.4))),
    "spatter": (spatter, (0.02, 0.04, 0.07, 0.11, 0.16)),
    "dotted_line": (partial(lines, wave=0.0, gap=3), SEVERITIES),
    "zigzag": (partial(lines, wave=2.0, gap=1), SEVERITIES),
    "canny_edges": (canny_edges, _FIFTHS),
    "gaussian_noise": (gaussian_noise, (0.1, 0.2, 0.3, 0.45, 0.6)),
}
"""Functions and strengths of severities 1 to 5, by name: the fifteen in the order of the paper, then white noise."""


def corrupt(images: NDArray[np.uint8], name: str, severity: int, seed: int = 0) -> NDArray[np.uint8]:
    """Corrupt images uint8 (N, H, W) with a severity from 0 to 5; severity 0 returns a copy."""
    if severity == 0:
        return images.copy()
    number, (function, strengths) = list(CORRUPTIONS).index(name), CORRUPTIONS[name]
    out = np.empty_like(images)
    for index, image in enumerate(images):
        random = np.random.default_rng((seed, number, index))
        out[index] = np.rint(255 * np.clip(function(image / 255.0, strengths[severity - 1], random), 0, 1))
    return out


def _signed(amount: float, random: Random) -> float:
    return amount if random.random() < 0.5 else -amount


def _warp(image: Image, matrix: NDArray[np.float64]) -> Image:
    """Map output to input coordinates by `matrix`, around the middle of the image."""
    middle = (np.array(image.shape) - 1) / 2
    warped: Image = ndimage.affine_transform(image, matrix, middle - matrix @ middle, order=1)
    return warped
