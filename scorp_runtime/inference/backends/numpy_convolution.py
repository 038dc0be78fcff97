"""Convolutions as matrix products (Chellapilla et al. 2006): windows are unfolded, or columns folded back."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

from scorp_runtime.errors import ModelError

Array = npt.NDArray[Any]


def _geometry(weight: Array, attributes: Mapping[str, Any]) -> tuple[Any, Any, Any, Any]:
    """Return span of the kernel, strides and dilations, each (height, width), and pads (top, left, bottom, right)."""
    if weight.ndim != 4 or attributes.get("group", 1) != 1:
        raise ModelError("the NumPy backend supports only two-dimensional convolutions without groups")
    if attributes.get("auto_pad", "NOTSET") != "NOTSET" or "output_shape" in attributes:
        raise ModelError("the NumPy backend supports only explicit padding")
    dilations = attributes.get("dilations", (1, 1))
    span = tuple((size - 1) * step + 1 for size, step in zip(weight.shape[2:], dilations, strict=True))
    return span, attributes.get("strides", (1, 1)), dilations, attributes.get("pads", (0, 0, 0, 0))


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


def max_pool(inputs: Sequence[Any], attributes: Mapping[str, Any]) -> Array:
    """Return the largest value around each pixel of images (N, C, H, W)."""
    (images,) = inputs
    known = {"kernel_shape", "strides", "pads", "ceil_mode", "dilations", "auto_pad"}
    plain = attributes.get("ceil_mode", 0) == 0 and set(attributes.get("dilations", (1,))) == {1}
    if not plain or attributes.get("auto_pad", "NOTSET") != "NOTSET" or attributes.keys() - known:
        raise ModelError("the NumPy backend supports only plain pooling with explicit padding")
    top, left, bottom, right = attributes.get("pads", (0, 0, 0, 0))
    down, across = attributes.get("strides", (1, 1))
    padded = np.pad(images, ((0, 0), (0, 0), (top, bottom), (left, right)), constant_values=-np.inf)
    windows = sliding_window_view(padded, attributes["kernel_shape"], axis=(2, 3))[:, :, ::down, ::across]
    largest: Array = windows.max((4, 5))
    return largest


def _add_bias(images: Array, bias: Array | None) -> Array:
    return images if bias is None else images + bias[:, None, None]
