"""Convolutions as matrix products (Chellapilla et al. 2006): windows are unfolded, or columns folded back."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

from scorp_runtime.errors import ModelError

Array = npt.NDArray[Any]


class _Geometry(NamedTuple):
    """How a kernel moves over an image: (height, width) pairs, and `pads` as (top, left, bottom, right)."""

    span: tuple[int, int]  # of the dilated kernel
    strides: tuple[int, int]
    dilations: tuple[int, int]
    pads: tuple[int, int, int, int]


def _geometry(weight: Array, attributes: Mapping[str, Any]) -> _Geometry:
    if weight.ndim != 4 or attributes.get("group", 1) != 1:
        raise ModelError("the NumPy backend supports only two-dimensional convolutions without groups")
    if attributes.get("auto_pad", "NOTSET") != "NOTSET" or "output_shape" in attributes:
        raise ModelError("the NumPy backend supports only explicit padding")
    dilations = attributes.get("dilations", (1, 1))
    height, width = ((size - 1) * step + 1 for size, step in zip(weight.shape[2:], dilations, strict=True))
    pads = attributes.get("pads", (0, 0, 0, 0))
    return _Geometry((height, width), attributes.get("strides", (1, 1)), dilations, pads)


def conv(inputs: Sequence[Any], attributes: Mapping[str, Any]) -> Array:
    """Convolve images (N, C, H, W) with a kernel (D, C, h, w) and an optional bias (D,)."""
    images, weight, bias = (*inputs, None)[:3]
    span, (down, across), (dilate_down, dilate_across), pads = _geometry(weight, attributes)
    top, left, bottom, right = pads
    if any(pads):
        images = np.pad(images, ((0, 0), (0, 0), (top, bottom), (left, right)))
    windows = sliding_window_view(images, span, axis=(2, 3))
    windows = windows[:, :, ::down, ::across, ::dilate_down, ::dilate_across]
    batch, _, height, width = windows.shape[:4]
    columns = windows.transpose(0, 1, 4, 5, 2, 3).reshape(batch, -1, height * width)
    result = weight.reshape(len(weight), -1) @ columns
    return _add_bias(result.reshape(batch, len(weight), height, width), bias)


def conv_transpose(inputs: Sequence[Any], attributes: Mapping[str, Any]) -> Array:
    """Spread each pixel of images (N, C, H, W) over a kernel (C, D, h, w) and add the overlaps; bias (D,)."""
    images, weight, bias = (*inputs, None)[:3]
    span, (down, across), dilations, (top, left, bottom, right) = _geometry(weight, attributes)
    batch, channels, height, width = images.shape
    outputs, rows, columns = weight.shape[1:]
    products = weight.reshape(channels, -1).T @ images.reshape(batch, channels, height * width)
    taps = products.reshape(batch, outputs, rows, columns, height, width)
    below, beside = attributes.get("output_padding", (0, 0))
    tall, wide = (height - 1) * down + 1, (width - 1) * across + 1  # reach of one tap
    canvas = np.zeros(
        (batch, outputs, tall + span[0] - 1 + below, wide + span[1] - 1 + beside), products.dtype
    )
    for row in range(rows):
        for column in range(columns):
            y, x = row * dilations[0], column * dilations[1]
            canvas[:, :, y : y + tall : down, x : x + wide : across] += taps[:, :, row, column]
    return _add_bias(canvas[:, :, top : canvas.shape[2] - bottom, left : canvas.shape[3] - right], bias)


def _add_bias(images: Array, bias: Array | None) -> Array:
    return images if bias is None else images + bias[:, None, None]
