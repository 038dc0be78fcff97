"""Draw punctuation that no model has: `-`, `.`, `/`, `,` and `:`, as straight strokes of a round pen."""

import numpy as np
import numpy.typing as npt

from .baseline import tangent

_SEGMENTS: dict[str, tuple[tuple[float, float, float, float], ...]] = {
    "-": ((-0.16, 0.45, 0.16, 0.45),),
    ".": ((0.0, 0.0, 0.0, 0.0),),
    "/": ((-0.16, -0.05, 0.16, 1.05),),
    ",": ((0.02, 0.03, -0.06, -0.16),),
    ":": ((0.0, 0.12, 0.0, 0.12), (0.0, 0.58, 0.0, 0.58)),
}
"""Mark -> segments x0, y0, x1, y1, in units of the height of a digit, from the baseline up."""

MARKS = frozenset(_SEGMENTS)
BASELINE = 24 / 28
"""Distance of the baseline from the top of an image, as a fraction of its height."""

_DIGIT = 20 / 28  # height of a digit, as a fraction of the height of its image
_DOT = 1.25  # width of a dot, in widths of the pen


def draw_mark(mark: str, shape: tuple[int, int], thickness: float, slant: float) -> npt.NDArray[np.uint8]:
    """Draw a mark with smooth edges, uint8; `thickness` is in px, `slant` in degrees to the right."""
    height, width = shape
    digit, lean = height * _DIGIT, tangent(slant)
    down, across = np.mgrid[0:height, 0:width] + 0.5
    right, up = across - width / 2, height * BASELINE - down
    cover = np.zeros(shape)
    for x0, y0, x1, y1 in _SEGMENTS[mark]:
        ends = [(digit * (x + lean * y), digit * y) for x, y in ((x0, y0), (x1, y1))]
        radius = thickness / 2 * (_DOT if ends[0] == ends[1] else 1.0)
        cover = np.maximum(cover, np.clip(radius + 0.5 - _distance(right, up, *ends), 0, 1))
    return np.floor(255 * cover + 0.5).astype(np.uint8)


def _distance(
    x: npt.NDArray[np.float64],
    y: npt.NDArray[np.float64],
    start: tuple[float, float],
    end: tuple[float, float],
) -> npt.NDArray[np.float64]:
    """Return the distance of each point from a segment, which may be a point."""
    along = (end[0] - start[0], end[1] - start[1])
    length = along[0] * along[0] + along[1] * along[1]
    dx, dy = x - start[0], y - start[1]
    share = np.clip((dx * along[0] + dy * along[1]) / length, 0, 1) if length > 0 else np.zeros_like(x)
    rest_x, rest_y = dx - share * along[0], dy - share * along[1]
    distance: npt.NDArray[np.float64] = np.sqrt(rest_x * rest_x + rest_y * rest_y)
    return distance
