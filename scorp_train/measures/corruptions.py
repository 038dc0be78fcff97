"""Ways in which a picture gets worse: the fifteen of MNIST-C (Mu and Gilmer 2019), redone, and white noise.

Each has severities 0 to 5; severity 0 is the identity. What is random about picture i depends on the seed, the
corruption and i alone, so any batch, in any order, comes out the same. The strengths follow the paper where it
gives them; figures are not comparable with the published MNIST-C files.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from skimage.feature import canny

Picture = NDArray[np.float64]  # (H, W), 0 = paper, 1 = ink
Random = np.random.Generator
Corruption = Callable[[Picture, int, Random], Picture]
SEVERITIES = (1, 2, 3, 4, 5)


def gaussian_noise(picture: Picture, severity: int, random: Random) -> Picture:
    """White noise on every pixel."""
    return picture + random.normal(0, (0, 0.1, 0.2, 0.3, 0.45, 0.6)[severity], picture.shape)


def shot_noise(picture: Picture, severity: int, random: Random) -> Picture:
    """Poisson noise of too few photons."""
    photons = (0, 60, 25, 12, 5, 3)[severity]
    return np.asarray(random.poisson(np.clip(picture, 0, 1) * photons) / photons)


def impulse_noise(picture: Picture, severity: int, random: Random) -> Picture:
    """Pixels that are stuck at paper or at ink."""
    chance = random.random(picture.shape)
    share = (0, 0.03, 0.06, 0.09, 0.17, 0.27)[severity]
    return np.where(chance < share / 2, 0.0, np.where(chance < share, 1.0, picture))


def glass_blur(picture: Picture, severity: int, random: Random) -> Picture:
    """Pixels swapped with near ones, between two blurs."""
    sigma, reach, rounds = ((0, 0, 0), (0.4, 1, 1), (0.5, 1, 2), (0.6, 2, 1), (0.7, 2, 2), (0.8, 3, 2))[
        severity
    ]
    rows, columns = np.indices(picture.shape)
    blurred = ndimage.gaussian_filter(picture, sigma)
    for _ in range(rounds):
        shift = random.integers(-reach, reach + 1, (2, *picture.shape))
        blurred = ndimage.map_coordinates(
            blurred, [rows + shift[0], columns + shift[1]], order=0, mode="nearest"
        )
    return np.asarray(ndimage.gaussian_filter(blurred, sigma))


def motion_blur(picture: Picture, severity: int, random: Random) -> Picture:
    """A streak in a random direction, up to 45 degrees from level."""
    length = (0, 3, 5, 7, 9, 11)[severity]
    angle = random.uniform(-np.pi / 4, np.pi / 4)
    steps = np.linspace(-length / 2, length / 2, 2 * length + 1)
    shifted = [ndimage.shift(picture, (t * np.sin(angle), t * np.cos(angle)), order=1) for t in steps]
    return np.asarray(np.mean(shifted, 0))


def shear(picture: Picture, severity: int, random: Random) -> Picture:
    """Slanted to either side."""
    amount = _signed((0, 0.2, 0.4, 0.6, 0.8, 1.0)[severity], random)
    return _warp(picture, np.array([[1, 0], [amount, 1]]))


def scale(picture: Picture, severity: int, random: Random) -> Picture:
    """Smaller."""
    return _warp(picture, np.eye(2) / (1, 0.9, 0.8, 0.7, 0.6, 0.5)[severity])


def rotate(picture: Picture, severity: int, random: Random) -> Picture:
    """Turned to either side, by up to about 57 degrees."""
    angle = _signed((0, 0.2, 0.4, 0.6, 0.8, 1.0)[severity], random)
    cos, sin = np.cos(angle), np.sin(angle)
    return _warp(picture, np.array([[cos, -sin], [sin, cos]]))


def translate(picture: Picture, severity: int, random: Random) -> Picture:
    """Moved by so many pixels each way."""
    distance = (0, 1, 2, 3, 4, 5)[severity]
    shift = [_signed(distance, random), _signed(distance, random)]
    return np.asarray(ndimage.shift(picture, shift, order=1))


def brightness(picture: Picture, severity: int, random: Random) -> Picture:
    """Paper that is no longer blank."""
    return picture + (0, 0.1, 0.2, 0.3, 0.4, 0.5)[severity]


def stripe(picture: Picture, severity: int, random: Random) -> Picture:
    """A vertical band inverted."""
    width = (0, 2, 4, 6, 8, 10)[severity]
    start = (picture.shape[1] - width) // 2
    striped = picture.copy()
    striped[:, start : start + width] = 1 - striped[:, start : start + width]
    return striped


def fog(picture: Picture, severity: int, random: Random) -> Picture:
    """A cloud of plasma noise over everything."""
    amount, decay = ((0, 2), (0.5, 2.0), (0.7, 2.0), (0.9, 1.7), (1.1, 1.5), (1.4, 1.4))[severity]
    height, width = picture.shape
    cloud = np.zeros(picture.shape)
    for octave in range(5):
        cells = 2**octave + 1
        zoom = (height / cells, width / cells)
        layer = ndimage.zoom(random.random((cells, cells)), zoom, order=1, grid_mode=True, mode="nearest")
        cloud += layer * decay**-octave
    cloud -= cloud.min()
    cloud /= cloud.max()
    return np.asarray((picture + amount * cloud) / (1 + amount))


def spatter(picture: Picture, severity: int, random: Random) -> Picture:
    """Blots of ink."""
    share = (0, 0.02, 0.04, 0.07, 0.11, 0.16)[severity]
    cloud = ndimage.gaussian_filter(random.normal(size=picture.shape), 1.2)
    edge = np.quantile(cloud, 1 - share)
    blots = np.clip((cloud - edge) / (cloud.max() - edge), 0, 1) ** 0.5
    return np.asarray(np.maximum(picture, blots))


def dotted_line(picture: Picture, severity: int, random: Random) -> Picture:
    """Dotted straight lines across."""
    return _lines(picture, severity, random, wave=0.0, gap=3)


def zigzag(picture: Picture, severity: int, random: Random) -> Picture:
    """Zigzag lines across."""
    return _lines(picture, severity, random, wave=2.0, gap=1)


def canny_edges(picture: Picture, severity: int, random: Random) -> Picture:
    """Outlines in place of strokes (Canny 1986), mixed in by severity."""
    edges = canny(np.clip(picture, 0, 1), sigma=1.0).astype(float)
    share = (0, 0.2, 0.4, 0.6, 0.8, 1.0)[severity]
    return np.asarray((1 - share) * picture + share * edges)


CORRUPTIONS: dict[str, Corruption] = {
    function.__name__: function
    for function in (
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
        fog,
        spatter,
        dotted_line,
        zigzag,
        canny_edges,
        gaussian_noise,
    )
}
"""Name -> function, the fifteen in the order of the paper, then white noise."""


def corrupt(
    images: NDArray[np.uint8], name: str, severity: int, seed: int = 0, start: int = 0
) -> NDArray[np.uint8]:
    """Corrupt pictures uint8 (N, H, W), of addresses `start ... start + N - 1`; severity 0 returns a copy.

    Raises ValueError for an unknown name or severity.
    """
    if name not in CORRUPTIONS:
        raise ValueError(f"no corruption {name!r}; there are: {', '.join(CORRUPTIONS)}")
    if severity not in (0, *SEVERITIES):
        raise ValueError(f"severity {severity!r} is not one of 0 to 5")
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


def _warp(picture: Picture, matrix: NDArray[np.float64]) -> Picture:
    """Map output to input coordinates by `matrix`, about the middle of the picture."""
    middle = (np.array(picture.shape) - 1) / 2
    warped: Picture = ndimage.affine_transform(picture, matrix, middle - matrix @ middle, order=1)
    return warped


def _lines(picture: Picture, severity: int, random: Random, wave: float, gap: int) -> Picture:
    """`severity` lines from the left edge to the right, drawn in every `gap`-th column."""
    height, width = picture.shape
    drawn = picture.copy()
    columns = np.arange(0, width, gap)
    for _ in range(severity):
        ends = random.uniform(0, height - 1, 2)
        rows = np.linspace(ends[0], ends[1], width)[columns]
        rows = rows + wave * (2 * np.abs((columns / 4 + random.random()) % 2 - 1) - 1)
        drawn[np.clip(np.rint(rows), 0, height - 1).astype(int), columns] = 1.0
    return drawn
