"""A dataset in a directory with a folder of images, of any size, for each class.

The folders `train` and `test` (or `val`) around the class folders are the splits; without them, every sixth image of a
class is held out, by name. Grey levels and polarity are decided for all images together.
"""

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray
from skimage.filters import threshold_otsu

from .class_folders import find_class_folders, skipped_files
from .dataset import SIDE, Dataset, Split, hold_out
from .errors import DataError
from .grey_levels import LEAST_CONTRAST, GreyLevels, border_of
from .image_file import StoredImage, read_image
from .mnist_form import to_mnist_form

_NAMED = 5  # of the images that cannot be used
_KEPT = 1 << 28  # bytes of images kept from one pass to the next; further ones are read again
_CLEAN_BORDER = 0.95  # share of the border that is paper; more leaves no doubt which grey is paper
_MOST_UNLIKE = 0.3  # share of images that may seem to have the other polarity, as tight cuts do
T = TypeVar("T")
_POLARITY = {True: "dark ink on light paper", False: "light ink on dark paper"}


def read_image_folder(directory: Path, layout: str = "auto", invert: bool = False) -> Dataset:
    """Read the dataset in the class folders of a directory.

    Args:
        directory: the folder around the class folders or splits.
        layout: which images to bring into MNIST's form: `auto` (those that are not 28 x 28, white on black),
            `mnist` (all) or `none`.
        invert: whether ink is dark on light paper; by default, the images decide.

    Raises:
        DataError: on one line that names the images that cannot be used.
    """
    found = find_class_folders(directory)
    labelled = [
        (path, label)
        for split in (found.train, found.test or {})
        for label, name in enumerate(found.train)
        for path in split.get(name, [])
    ]
    paths = [path for path, _ in labelled]
    images, notes = read_images(paths, layout, invert)
    labels = np.array([label for _, label in labelled], np.int64)
    count = sum(map(len, found.train.values()))
    train, test = Split(images[:count], labels[:count]), Split(images[count:], labels[count:])
    if found.test is None:
        train, test = hold_out(train)
    digest = hashlib.sha256(b"".join(part.images.tobytes() + part.labels.tobytes() for part in (train, test)))
    return Dataset(
        directory.resolve().name,
        tuple(found.train),
        train,
        test,
        "unknown",
        {"pictures": digest.hexdigest()},
        notes=(*notes, *skipped_files(directory, paths)),
    )


def read_images(
    paths: Sequence[Path], layout: str, invert: bool, strict: bool = True
) -> tuple[NDArray[np.uint8], tuple[str, ...]]:
    """Read image files as uint8 (N, 28, 28), 255 = ink, and return notes about their grey levels.

    If `strict`, blank images and images of the other polarity are errors. Raises `DataError`.
    """
    images, levels = _Images(), GreyLevels()
    _each(paths, lambda path: levels.observe(images.read(path).values, str(path)))
    notes = levels.decide()
    papers = _each(paths, lambda path: _paper(images.read(path), levels))
    bright = _has_bright_paper(paths, papers, invert, strict)

    def made(path: Path) -> NDArray[np.uint8]:
        return _laid_out(images.read(path).grey(levels, bright), layout, bright, invert)

    return np.stack(_each(paths, made)), notes


def _each(paths: Sequence[Path], use: Callable[[Path], T]) -> list[T]:
    """Return what `use` returns for each file. Raises `DataError` that names all files for which it fails."""
    results, refused = [], []
    for path in paths:
        try:
            results.append(use(path))
        except DataError as error:
            refused.append(f"{path} ({error})")
    _refuse(refused)
    return results


def _has_bright_paper(
    paths: Sequence[Path], papers: Sequence["_Paper | None"], invert: bool, strict: bool
) -> bool:
    """Return whether most images have dark ink on light paper. If `strict`, raise `DataError` if others have not."""
    votes = [paper.bright for paper in papers if paper is not None]
    bright = 2 * sum(votes) > len(votes)
    if strict:
        pairs = list(zip(paths, papers, strict=True))
        _refuse(
            [f"{path} (blank, or of another range of values than most)" for path, paper in pairs if not paper]
        )
        if not invert and min(sum(votes), len(votes) - sum(votes)) > _MOST_UNLIKE * len(votes):
            one, other = (paths[votes.index(vote)] for vote in (True, False))
            raise DataError(
                f"{one} seems to be {_POLARITY[True]}, {other} {_POLARITY[False]}; give all images one polarity "
                "and a border of paper, or pass --invert if all have dark ink"
            )
        unlike = [path for path, paper in pairs if paper and paper.sure and paper.bright != bright]
        _refuse([f"{path} ({_POLARITY[not bright]}, unlike most)" for path in unlike])
    if invert and votes and not bright:
        raise DataError(
            f"{paths[0].parent}: the images are {_POLARITY[False]}; "
            "remove --invert (scorp-eval --data: --invert-data)"
        )
    return bright


def _laid_out(grey: NDArray[np.uint8], layout: str, bright_paper: bool, invert: bool) -> NDArray[np.uint8]:
    """Return one image as uint8 (28, 28), 255 = ink."""
    fits = grey.shape == (SIDE, SIDE)
    if layout == "mnist" or (layout == "auto" and not (fits and (invert or not bright_paper))):
        return to_mnist_form(grey, bright_paper)
    if not fits:
        raise DataError(
            f"{grey.shape[1]} x {grey.shape[0]} pixels, not {SIDE} x {SIDE}; --layout mnist scales it"
        )
    if bright_paper and not invert:
        raise DataError("black on white; pass --invert")
    return 255 - grey if invert else grey


class _Images:
    """Reads image files, and keeps as many as fit into `_KEPT` bytes."""

    def __init__(self) -> None:
        self._kept: dict[Path, StoredImage] = {}
        self._size = 0

    def read(self, path: Path) -> StoredImage:
        """Return the image of a file. Raises `DataError`."""
        if path in self._kept:
            return self._kept[path]
        stored = read_image(path)
        self._size += stored.values.nbytes
        if self._size <= _KEPT:
            self._kept[path] = stored
        return stored


class _Paper(NamedTuple):
    """Whether the paper of an image is its brighter part, and whether that is certain."""

    bright: bool
    sure: bool


def _paper(stored: StoredImage, levels: GreyLevels) -> _Paper | None:
    """Return what one image shows of the dataset's paper; None if it is blank."""
    grey = levels.convert(stored.values)
    border = border_of(grey.shape)
    if stored.alpha is not None:
        visible = stored.alpha >= 128
        seen = grey[visible]
        if not seen.size:
            return None
        low, high = np.quantile(seen, [0.05, 0.95])
        if visible.mean() < 0.5 or high - low < 2 * LEAST_CONTRAST:  # only ink is visible
            ink = float(np.median(seen))
            return _Paper(ink < 128, abs(ink - 128) > 64)
        grey, border = seen, border[visible]
    if int(grey.max()) - int(grey.min()) < LEAST_CONTRAST:
        return None
    light = grey > threshold_otsu(grey)
    bright = bool(light.mean() > 0.5)
    return _Paper(bright, bool(border.any() and (light[border] == bright).mean() > _CLEAN_BORDER))


def _refuse(refused: Sequence[str]) -> None:
    """Raise `DataError` if there is an image that cannot be used."""
    if refused:
        more = f" and {len(refused) - _NAMED} more" if len(refused) > _NAMED else ""
        raise DataError(
            f"{len(refused)} image{'s' * (len(refused) > 1)} cannot be used: {', '.join(refused[:_NAMED])}{more}; "
            "replace, convert or delete them"
        )
