"""One array of pixels as a PNG stream that carries its address."""

import json
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import numpy as np
import numpy.typing as npt
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from .job import Job, Picture

if TYPE_CHECKING:
    from ..model_info import ModelInfo

KEYWORD = "scorp"
"""The keyword of the PNG text chunk that says, in JSON, where the picture comes from."""

_SHA256_SHOWN = 16  # of 64 hexadecimal digits: enough to tell models apart, and PNG files of digits are small


def save_png(
    pixels: npt.NDArray[np.uint8], target: BinaryIO | Path, scale: int | None, address: dict[str, object]
) -> None:
    """Write grey pixels (H, W), each as a square of `scale` x `scale`, and what `address` says of them.

    The target is a stream or a path that ends in `.png`.
    """
    if scale is not None:
        pixels = pixels.repeat(scale, axis=0).repeat(scale, axis=1)
    texts = PngInfo()
    texts.add_text(KEYWORD, json.dumps(address))
    image = Image.fromarray(np.ascontiguousarray(pixels))
    if isinstance(target, Path):
        image.save(target, pnginfo=texts)
        return
    stream = _Png()
    image.save(stream, pnginfo=texts)
    target.write(stream.getbuffer())


def picture_png(job: Job, picture: Picture) -> bytes:
    """Return a picture of a job as the bytes of a PNG file."""
    stream = BytesIO()
    save_png(picture.image, stream, job.scale, picture_address(job, picture))
    return stream.getvalue()


def read_png(source: BinaryIO | Path) -> npt.NDArray[np.generic]:
    """Return the pixels of a PNG file."""
    with Image.open(source, formats=["PNG"]) as image:
        return np.asarray(image)


def picture_address(job: Job, picture: Picture) -> dict[str, object]:
    """Return all that draws the picture again: model, seed, index, label, styles, and what else was asked for."""
    return {
        "model": model_name(job.info, job.model_sha256),
        "seed": str(picture.seed),  # as text: many JSON readers hold numbers as doubles
        "index": str(picture.index),
        "label": picture.class_name,
        "styles": picture.styles,
        **hand_and_presentation(job),
    }


def hand_and_presentation(job: Job) -> dict[str, object]:
    """Return the writer and the presentation of a job, each if one was asked for."""
    told: dict[str, object] = {}
    if job.writer is not None:
        told["writer"] = str(job.writer)
    if job.presentation:
        told["presentation"] = dict(job.presentation)
    return told


def model_name(info: "ModelInfo", sha256: str) -> str:
    """Return the name and version of the model, and the beginning of its checksum."""
    return f"{info.name} {info.version} {sha256[:_SHA256_SHOWN]}"


class _Png(BytesIO):
    """A file in memory. By the name Pillow knows the format, and loads one plugin and not five."""

    name = "picture.png"
