"""A data set in a directory of pictures: a folder for each class, named after it, with pictures of any size.

Folders `train` and `test` around those of the classes are the two splits; without them every sixth picture of a class
is held out, in the order of their names.
"""

import hashlib
import warnings
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from scorp_train.data.class_names import checked
from scorp_train.data.dataset import SIDE, Dataset, Split
from scorp_train.data.errors import DataError
from scorp_train.data.hold_out import hold_out
from scorp_train.data.layout import lay_out

# Pillow reads more, and hands PostScript to a program that runs it.
_FORMATS = ("PNG", "JPEG", "BMP", "GIF", "TIFF", "WEBP", "PPM")
SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff", ".webp", ".pgm"})
# A natural style has three knobs that vary together: fewer pictures say nothing of that.
_FEWEST = 12
_MOST_PIXELS = 1 << 24
_TOLD = 5  # of the pictures that cannot be used


def read_image_folder(directory: Path, layout: str) -> Dataset:
    """The data set in the class folders of a directory; `layout` is one of `layout.LAYOUTS`.

    Raises `DataError`, on one line naming the pictures that cannot be read, are blank or of a wrong size.
    """
    parts = [directory / name for name in ("train", "test")]
    roots = parts if all(class_folders(part) for part in parts) else [directory]
    names = _in_order({folder.name for root in roots for folder in class_folders(root)})
    classes = checked(names, str(directory))
    splits = [_read_split(root, classes, layout) for root in roots]
    train, test = splits if len(splits) == 2 else hold_out(splits[0])
    counts = np.bincount(splits[0].labels, minlength=len(classes))
    if (few := int(counts.min())) < _FEWEST:
        scarce = roots[0] / classes[int(counts.argmin())]
        raise DataError(f"{scarce} holds {few} pictures; at least {_FEWEST} of each class are needed")
    digest = hashlib.sha256(
        b"".join(split.images.tobytes() + split.labels.tobytes() for split in (train, test))
    )
    return Dataset(
        directory.resolve().name, classes, train, test, "unknown", {"pictures": digest.hexdigest()}
    )


def class_folders(directory: Path) -> list[Path]:
    """The folders of a directory that hold pictures; hidden ones are none."""
    if not directory.is_dir():
        return []
    folders = (path for path in directory.iterdir() if path.is_dir() and not path.name.startswith("."))
    return [folder for folder in folders if _pictures(folder)]


def _in_order(names: set[str]) -> list[str]:
    """Numbers first, by size; then the rest by code point."""
    return sorted(names, key=lambda name: (not name.isdecimal(), int(name) if name.isdecimal() else 0, name))


def _pictures(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    return sorted(p for p in folder.iterdir() if p.suffix.lower() in SUFFIXES and not p.name.startswith("."))


def _read_split(root: Path, classes: Sequence[str], layout: str) -> Split:
    images, labels, refused = [], [], []
    for label, name in enumerate(classes):
        for path in _pictures(root / name):
            try:
                images.append(_read_picture(path, layout))
                labels.append(label)
            except DataError as error:
                refused.append(f"{path} ({error})")
    if refused:
        more = f" and {len(refused) - _TOLD} more" if len(refused) > _TOLD else ""
        raise DataError(f"{len(refused)} pictures cannot be used: {', '.join(refused[:_TOLD])}{more}")
    return Split(np.stack(images), np.array(labels, np.int64))


def _read_picture(path: Path, layout: str) -> NDArray[np.uint8]:
    """One picture as uint8 (28, 28), 255 = ink."""
    grey = read_grey(path)
    as_it_is = grey.shape == (SIDE, SIDE) and grey.mean() < 128
    if layout == "mnist" or (layout == "auto" and not as_it_is):
        return lay_out(grey)
    if grey.shape != (SIDE, SIDE):
        raise DataError(
            f"{grey.shape[1]} x {grey.shape[0]} pixels, not {SIDE} x {SIDE}; --layout mnist scales it"
        )
    if not as_it_is:
        raise DataError("black on white; --layout mnist inverts it")
    if grey.max() == grey.min():
        raise DataError("blank: ink and paper are of one grey")
    return grey


def read_grey(path: Path, most_pixels: int = _MOST_PIXELS) -> NDArray[np.uint8]:
    """A picture file as uint8 (H, W), upright; of an animation the first picture. Raises `DataError`."""
    if not path.is_file():  # a pipe would be waited for without end
        raise DataError("no readable picture")
    try:
        # What is odd in a file that can be read all the same is told to nobody.
        with warnings.catch_warnings(action="ignore"), Image.open(path, formats=_FORMATS) as picture:
            if picture.width * picture.height > most_pixels:
                raise DataError(f"too large: {picture.width} x {picture.height} pixels")
            return _grey(ImageOps.exif_transpose(picture))
    except DataError:
        raise
    except Exception as error:  # decoders raise whatever they stumble over
        raise DataError("no readable picture") from error


def _grey(picture: Image.Image) -> NDArray[np.uint8]:
    """Grey values, transparent parts white as paper."""
    if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
        layer = picture.convert("RGBA")
        picture = Image.alpha_composite(Image.new("RGBA", layer.size, "white"), layer)
    elif picture.mode.startswith("I;16") or picture.mode == "I":
        return (np.asarray(picture).astype(np.float64) / 257).clip(0, 255).astype(np.uint8)
    return np.asarray(picture.convert("L"))
