"""Convolutions as matrix products: of unfolded windows (Chellapilla et al. 2006), and of columns folded back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

from scorp_runtime.errors import ModelError

Array = npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class _Geometry:
    """How a kernel walks over an image: pairs for height and width, `pads` as (top, left, bottom, right)."""

    kernel: tuple[int, int]
    strides: tuple[int, int]
    dilations: tuple[int, int]
    pads: tuple[int, int, int, int]

    @classmethod
    def of(cls, weight: Array, attributes: Mapping[str, Any]) -> "_Geometry":
        if weight.ndim != 4 or attributes.get("group", 1) != 1:
            raise ModelError("the NumPy backend convolves images, and all channels with all")
        if attributes.get("auto_pad", "NOTSET") != "NOTSET" or "output_shape" in attributes:
            raise ModelError("the NumPy backend knows only padding that is written out")
        return cls(
            kernel=weight.shape[2:],
            strides=attributes.get("strides", (1, 1)),
            dilations=attributes.get("dilations", (1, 1)),
            pads=attributes.get("pads", (0, 0, 0, 0)),
        )

    @property
    def span(self) -> tuple[int, int]:
        """Height and width that the dilated kernel covers."""
        down, right = ((size - 1) * step + 1 for size, step in zip(self.kernel, self.dilations, strict=True))
        return down, right


def conv(inputs: Sequence[Any], attributes: Mapping[str, Any]) -> Array:
    """Convolve images (N, C, H, W) with a kernel (D, C, h, w) and an optional bias (D,)."""
    images, weight, bias = (*inputs, None)[:3]
    walk = _Geometry.of(weight, attributes)
    top, left, bottom, right = walk.pads
    if any(walk.pads):
        images = np.pad(images, ((0, 0), (0, 0), (top, bottom), (left, right)))
    (down, across), (dilate_down, dilate_across) = walk.strides, walk.dilations
    windows = sliding_window_view(images, walk.span, axis=(2, 3))
    windows = windows[:, :, ::down, ::across, ::dilate_down, ::dilate_across]
    batch, _, height, width = windows.shape[:4]
    columns = windows.transpose(0, 1, 4, 5, 2, 3).reshape(batch, -1, height * width)
    result = weight.reshape(len(weight), -1) @ columns
    return _biased(result.reshape(batch, len(weight), height, width), bias)


def conv_transpose(inputs: Sequence[Any], attributes: Mapping[str, Any]) -> Array:
    """Spread every pixel of images (N, C, H, W) over a kernel (C, D, h, w) and add what overlaps; bias (D,)."""
    images, weight, bias = (*inputs, None)[:3]
    walk = _Geometry.of(weight, attributes)
    batch, channels, height, width = images.shape
    outputs, rows, columns = weight.shape[1:]
    products = weight.reshape(channels, -1).T @ images.reshape(batch, channels, height * width)
    taps = products.reshape(batch, outputs, rows, columns, height, width)
    (down, across), (below, beside) = walk.strides, attributes.get("output_padding", (0, 0))
    tall, wide = (height - 1) * down + 1, (width - 1) * across + 1  # what one tap reaches
    canvas = np.zeros(
        (batch, outputs, tall + walk.span[0] - 1 + below, wide + walk.span[1] - 1 + beside), products.dtype
    )
    for row in range(rows):
        for column in range(columns):
            y, x = row * walk.dilations[0], column * walk.dilations[1]
            canvas[:, :, y : y + tall : down, x : x + wide : across] += taps[:, :, row, column]
    top, left, bottom, right = walk.pads
    return _biased(canvas[:, :, top : canvas.shape[2] - bottom, left : canvas.shape[3] - right], bias)


def _biased(images: Array, bias: Array | None) -> Array:
    return images if bias is None else images + bias[:, None, None]
