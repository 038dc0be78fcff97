"""Resizing by the nearest pixel, the only mode that keeps integers."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from scorp_runtime.errors import ModelError

Array = npt.NDArray[Any]

_COORDINATES: Mapping[str, Callable[[Array, float], Array]] = {
    "half_pixel": lambda places, scale: (places + 0.5) / scale - 0.5,
    "asymmetric": lambda places, scale: places / scale,
}
_NEAREST: Mapping[str, Callable[[Array], Array]] = {
    "round_prefer_floor": lambda places: np.ceil(places - 0.5),
    "round_prefer_ceil": lambda places: np.floor(places + 0.5),
    "floor": np.floor,
    "ceil": np.ceil,
}


def resize(inputs: Sequence[Any], attributes: Mapping[str, Any]) -> Array:
    """Resize an array to `sizes`, or by `scales`, along all axes; the inputs are array, region, scales, sizes."""
    array, _, scales, sizes = (*inputs, None, None, None)[:4]
    if attributes.get("mode", "nearest") != "nearest":
        raise ModelError("the NumPy backend supports only nearest-pixel resizing")
    coordinate = _choice(_COORDINATES, attributes, "coordinate_transformation_mode", "half_pixel")
    nearest = _choice(_NEAREST, attributes, "nearest_mode", "round_prefer_floor")
    if scales is None or len(scales) == 0:
        scales = sizes / np.array(array.shape)
    else:
        sizes = np.floor(np.array(array.shape) * scales).astype(np.int64)
    for axis, (before, after, scale) in enumerate(zip(array.shape, sizes, scales, strict=True)):
        if before != after:
            places = nearest(coordinate(np.arange(after, dtype=np.float64), float(scale)))
            array = array.take(np.clip(places, 0, before - 1).astype(np.int64), axis)
    resized: Array = array
    return resized


def _choice(known: Mapping[str, Any], attributes: Mapping[str, Any], name: str, default: str) -> Any:
    chosen = attributes.get(name, default)
    if chosen not in known:
        raise ModelError(f"the NumPy backend supports a {name} of {' or '.join(known)}, not {chosen}")
    return known[chosen]
