"""Image corruptions: the fifteen of MNIST-C (Mu and Gilmer 2019), reimplemented, and white noise.

Each has severities 0 to 5; severity 0 is the identity. The randomness of image i depends only on the seed, the
corruption and i, so batches and their order do not matter. Strengths follow the paper where it states them; scores are
not comparable with those on the published MNIST-C files.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from skimage.feature import canny

Image = NDArray[np.float64]  # (H, W), 0 = paper, 1 = ink
Random = np.random.Generator
Corruption = Callable[[Image, int, Random], Image]
SEVERITIES = (1, 2, 3, 4, 5)


def gaussian_noise(image: Image, severity: int, random: Random) -> Image:
    """Add white noise to every pixel."""
    return image + random.normal(0, (0, 0.1, 0.2, 0.3, 0.45, 0.6)[severity], image.shape)


def shot_noise(image: Image, severity: int, random: Random) -> Image:
    """Add the Poisson noise of too few photons."""
    photons = (0, 60, 25, 12, 5, 3)[severity]
    return np.asarray(random.poisson(np.clip(image, 0, 1) * photons) / photons)


def impulse_noise(image: Image, severity: int, random: Random) -> Image:
    """Set some pixels to paper or ink."""
    chance = random.random(image.shape)
    share = (0, 0.03, 0.06, 0.09, 0.17, 0.27)[severity]
    return np.where(chance < share / 2, 0.0, np.where(chance < share, 1.0, image))


def glass_blur(image: Image, severity: int, random: Random) -> Image:
    """Swap near pixels, between two blurs."""
    settings = ((0, 0, 0), (0.4, 1, 1), (0.5, 1, 2), (0.6, 2, 1), (0.7, 2, 2), (0.8, 3, 2))
    sigma, reach, rounds = settings[severity]
    rows, columns = np.indices(image.shape)
    blurred = ndimage.gaussian_filter(image, sigma)
    for _ in range(rounds):
        shift = random.integers(-reach, reach + 1, (2, *image.shape))
        places = [rows + shift[0], columns + shift[1]]
        blurred = ndimage.map_coordinates(blurred, places, order=0, mode="nearest")
    return np.asarray(ndimage.gaussian_filter(blurred, sigma))


def motion_blur(image: Image, severity: int, random: Random) -> Image:
    """Blur along a random direction, up to 45 degrees from horizontal."""
    length = (0, 3, 5, 7, 9, 11)[severity]
    angle = random.uniform(-np.pi / 4, np.pi / 4)
    steps = np.linspace(-length / 2, length / 2, 2 * length + 1)
    shifted = [ndimage.shift(image, (t * np.sin(angle), t * np.cos(angle)), order=1) for t in steps]
    return np.asarray(np.mean(shifted, 0))


def shear(image: Image, severity: int, random: Random) -> Image:
    """Slant to either side."""
    amount = _signed((0, 0.2, 0.4, 0.6, 0.8, 1.0)[severity], random)
    return _warp(image, np.array([[1, 0], [amount, 1]]))


def scale(image: Image, severity: int, random: Random) -> Image:
    """Shrink."""
    return _warp(image, np.eye(2) / (1, 0.9, 0.8, 0.7, 0.6, 0.5)[severity])


def rotate(image: Image, severity: int, random: Random) -> Image:
    """Rotate to either side, by up to about 57 degrees."""
    angle = _signed((0, 0.2, 0.4, 0.6, 0.8, 1.0)[severity], random)
    cos, sin = np.cos(angle), np.sin(angle)
    return _warp(image, np.array([[cos, -sin], [sin, cos]]))


def translate(image: Image, severity: int, random: Random) -> Image:
    """Move by up to 5 pixels along both axes."""
    distance = (0, 1, 2, 3, 4, 5)[severity]
    shift = [_signed(distance, random), _signed(distance, random)]
    return np.asarray(ndimage.shift(image, shift, order=1))


def brightness(image: Image, severity: int, random: Random) -> Image:
    """Make the paper grey."""
    return image + (0, 0.1, 0.2, 0.3, 0.4, 0.5)[severity]


def stripe(image: Image, severity: int, random: Random) -> Image:
    """Invert a vertical band."""
    width = (0, 2, 4, 6, 8, 10)[severity]
    start = (image.shape[1] - width) // 2
    striped = image.copy()
    striped[:, start : start + width] = 1 - striped[:, start : start + width]
    return striped


def fog(image: Image, severity: int, random: Random) -> Image:
    """Add a cloud of plasma noise."""
    amount, decay = ((0, 2), (0.5, 2.0), (0.7, 2.0), (0.9, 1.7), (1.1, 1.5), (1.4, 1.4))[severity]
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


def spatter(image: Image, severity: int, random: Random) -> Image:
    """Add blots of ink."""
    share = (0, 0.02, 0.04, 0.07, 0.11, 0.16)[severity]
    cloud = ndimage.gaussian_filter(random.normal(size=image.shape), 1.2)
    edge = np.quantile(cloud, 1 - share)
    blots = np.clip((cloud - edge) / (cloud.max() - edge), 0, 1) ** 0.5
    return np.asarray(np.maximum(image, blots))


def dotted_line(image: Image, severity: int, random: Random) -> Image:
    """Draw dotted lines across the image."""
    return _lines(image, severity, random, wave=0.0, gap=3)


def zigzag(image: Image, severity: int, random: Random) -> Image:
    """Draw zigzag lines across the image."""
    return _lines(image, severity, random, wave=2.0, gap=1)


def canny_edges(image: Image, severity: int, random: Random) -> Image:
    """Blend strokes with their outlines (Canny 1986)."""
    edges = canny(np.clip(image, 0, 1), sigma=1.0).astype(float)
    share = (0, 0.2, 0.4, 0.6, 0.8, 1.0)[severity]
    return np.asarray((1 - share) * image + share * edges)


_ALL: tuple[Corruption, ...] = (
    *(
        shot_noise,
        impulse_noise,
        glass_blur,
        motion_blur,
        shear,
        scale,
        rotate,
        brightness,
        translate,
        stripe,
    ),
    *(fog, spatter, dotted_line, zigzag, canny_edges, gaussian_noise),
)
CORRUPTIONS: dict[str, Corruption] = {function.__name__: function for function in _ALL}
"""Functions by name: the fifteen in the order of the paper, then white noise."""


def corrupt(
    images: NDArray[np.uint8], name: str, severity: int, seed: int = 0, start: int = 0
) -> NDArray[np.uint8]:
    """Corrupt images uint8 (N, H, W) of the indices `start` to `start + N - 1`; severity 0 returns a copy.

    Raises ValueError for an unknown name or severity.
    """
    if name not in CORRUPTIONS:
        raise ValueError(f"unknown corruption {name!r}; use one of {', '.join(CORRUPTIONS)}")
    if severity not in (0, *SEVERITIES):
        raise ValueError(f"severity must be from 0 to 5, not {severity!r}")
    if severity == 0:
        return images.copy()
    function, number = CORRUPTIONS[name], list(CORRUPTIONS).index(name)
    out = np.empty_like(images)
    for offset, image in enumerate(images):
        random = np.random.default_rng((seed, number, start + offset))
        out[offset] = np.rint(255 * np.clip(function(image / 255.0, severity, random), 0, 1))
    return out


def _signed(amount: float, random: Random) -> float:
    return amount if random.random() < 0.5 else -amount


def _warp(image: Image, matrix: NDArray[np.float64]) -> Image:
    """Map output to input coordinates by `matrix`, around the middle of the image."""
    middle = (np.array(image.shape) - 1) / 2
    warped: Image = ndimage.affine_transform(image, matrix, middle - matrix @ middle, order=1)
    return warped


def _lines(image: Image, severity: int, random: Random, wave: float, gap: int) -> Image:
    """Draw `severity` lines from left to right, in every `gap`-th column."""
    height, width = image.shape
    drawn = image.copy()
    columns = np.arange(0, width, gap)
    for _ in range(severity):
        ends = random.uniform(0, height - 1, 2)
        rows = np.linspace(ends[0], ends[1], width)[columns]
        rows = rows + wave * (2 * np.abs((columns / 4 + random.random()) % 2 - 1) - 1)
        drawn[np.clip(np.rint(rows), 0, height - 1).astype(int), columns] = 1.0
    return drawn
