"""A data set in a directory of images: a folder for each class, named after it, with images of any size.

Folders `train` and `test` (or `val`) around those of the classes are the two splits; without them every sixth image of
a class is held out, in the order of their names. Values and polarity are decided for all images together.
"""

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .class_folders import find_class_folders
from .class_names import checked
from .dataset import SIDE, Dataset, Split
from .errors import DataError
from .hold_out import hold_out
from .image_file import Stored, read_stored
from .levels import LEAST_CONTRAST, Levels
from .mnist_form import lay_out, threshold

# A natural style has three knobs that vary together: fewer pictures say nothing of that.
_FEWEST = 12
_NAMED = 5  # of the images that cannot be used
_KEPT = 1 << 28  # bytes of images that are kept from one pass to the next; further ones are read again
_CLEAN_BORDER = 0.95  # share of the border that is paper; more leaves no doubt which grey is paper
_MOST_UNLIKE = (
    0.3  # share of images that seem to have the other polarity, such as tight cuts of bold characters
)


def read_image_folder(directory: Path, layout: str = "auto", invert: bool = False) -> Dataset:
    """The data set in the class folders of a directory; `layout` is one of `layout.LAYOUTS`.

    With `invert`, ink is dark on light paper; otherwise that is found out. Raises `DataError`, on one line that names
    the images that cannot be used.
    """
    found = find_class_folders(directory)
    classes = checked(list(found.train), str(directory))
    splits = [found.train] if found.test is None else [found.train, found.test]
    for paths in found.train.values():
        if len(paths) < _FEWEST:
            raise DataError(
                f"{paths[0].parent} holds {len(paths)} images; at least {_FEWEST} of each class are needed"
            )
    labelled = [
        (path, label)
        for split in splits
        for label, name in enumerate(classes)
        for path in split.get(name, [])
    ]
    images, notes = read_images([path for path, _ in labelled], layout, invert)
    labels = np.array([label for _, label in labelled], np.int64)
    count = sum(map(len, found.train.values()))
    train, test = Split(images[:count], labels[:count]), Split(images[count:], labels[count:])
    if found.test is None:
        train, test = hold_out(train)
    digest = hashlib.sha256(
        b"".join(split.images.tobytes() + split.labels.tobytes() for split in (train, test))
    )
    return Dataset(
        directory.resolve().name,
        classes,
        train,
        test,
        "unknown",
        {"pictures": digest.hexdigest()},
        notes=(*notes, *found.left_out.lines(directory)),
    )


def read_images(
    paths: Sequence[Path], layout: str, invert: bool, blank: bool = False
) -> tuple[NDArray[np.uint8], tuple[str, ...]]:
    """Image files as uint8 (N, 28, 28), 255 = ink, and lines about what was decided for all of them.

    With `blank`, images that are blank or of the other polarity are read as well. Raises `DataError`.
    """
    images = _Images(paths)
    levels, refused = Levels(), []
    for path, stored in images:
        if isinstance(stored, DataError):
            refused.append(f"{path} ({stored})")
        else:
            levels.see(stored.values, str(path))
    _refuse(refused)
    notes = levels.settle()
    papers = [_paper(stored, levels) for _, stored in images if isinstance(stored, Stored)]
    bright = _has_bright_paper(paths, papers, invert, strict=not blank)
    result = np.empty((len(paths), SIDE, SIDE), np.uint8)
    for number, (path, stored) in enumerate(images):
        assert isinstance(stored, Stored)
        try:
            result[number] = _laid_out(stored.grey(levels, bright), layout, bright, invert)
        except DataError as error:
            refused.append(f"{path} ({error})")
    _refuse(refused)
    return result, notes


def _has_bright_paper(
    paths: Sequence[Path], papers: Sequence["_Paper | None"], invert: bool, strict: bool
) -> bool:
    """Whether most images have dark ink on light paper. Raises `DataError`: if `strict`, for those that differ."""
    votes = [paper.bright for paper in papers if paper is not None]
    bright = 2 * sum(votes) > len(votes)
    if strict:
        named = {True: "dark ink on light paper", False: "light ink on dark paper"}
        blanks = [path for path, paper in zip(paths, papers, strict=True) if paper is None]
        _refuse([f"{path} (blank, or of another range of values than most)" for path in blanks])
        if not invert and min(sum(votes), len(votes) - sum(votes)) > _MOST_UNLIKE * len(votes):
            one, other = (paths[votes.index(vote)] for vote in (True, False))
            raise DataError(
                f"{one} seems to be {named[True]}, {other} {named[False]}; give all images one polarity and a border "
                "of paper, or pass --invert if all have dark ink"
            )
        unlike = [
            path
            for path, paper in zip(paths, papers, strict=True)
            if paper and paper.sure and paper.bright != bright
        ]
        _refuse([f"{path} ({named[not bright]}, unlike most)" for path in unlike])
    if invert and votes and not bright:
        raise DataError(
            f"{paths[0].parent}: the images are light ink on dark paper; "
            "leave out --invert (scorp-eval --data: --invert-data)"
        )
    return bright


def _laid_out(grey: NDArray[np.uint8], layout: str, bright_paper: bool, invert: bool) -> NDArray[np.uint8]:
    """One image as uint8 (28, 28), 255 = ink."""
    fits = grey.shape == (SIDE, SIDE)
    if layout == "mnist" or (layout == "auto" and not (fits and (invert or not bright_paper))):
        return lay_out(grey, bright_paper)
    if not fits:
        raise DataError(
            f"{grey.shape[1]} x {grey.shape[0]} pixels, not {SIDE} x {SIDE}; --layout mnist scales it"
        )
    if bright_paper and not invert:
        raise DataError("black on white; pass --invert")
    return 255 - grey if invert else grey


class _Images:
    """The images of some files, in order; each pass gives a path and the image, or why it cannot be read."""

    def __init__(self, paths: Sequence[Path]) -> None:
        self._paths = paths
        self._kept: dict[Path, Stored | DataError] = {}
        self._size = 0

    def __iter__(self) -> Iterator[tuple[Path, Stored | DataError]]:
        for path in self._paths:
            yield path, self._kept.get(path) or self._read(path)

    def _read(self, path: Path) -> Stored | DataError:
        try:
            stored = read_stored(path)
        except DataError as error:
            return error
        self._size += stored.values.nbytes
        if self._size <= _KEPT:
            self._kept[path] = stored
        return stored


class _Paper(NamedTuple):
    """Whether the paper of an image is the brighter part, and whether there is no doubt of it."""

    bright: bool
    sure: bool


def _paper(stored: Stored, levels: Levels) -> _Paper | None:
    """What one image says about the paper of the data set; None where it is blank."""
    grey = levels.grey(stored.values)
    border = np.ones(grey.shape, np.bool_)
    border[1:-1, 1:-1] = False
    if stored.alpha is not None:
        seen = stored.alpha >= 128
        visible = grey[seen]
        if not visible.size:
            return None
        low, high = np.quantile(visible, [0.05, 0.95])
        if seen.mean() < 0.5 or high - low < 2 * LEAST_CONTRAST:  # nothing but ink is visible
            ink = float(np.median(visible))
            return _Paper(ink < 128, abs(ink - 128) > 64)
        grey, border = visible, border[seen]
    if int(grey.max()) - int(grey.min()) < LEAST_CONTRAST:
        return None
    light = grey > threshold(grey)
    bright = bool(light.mean() > 0.5)
    return _Paper(bright, bool(border.any() and (light[border] == bright).mean() > _CLEAN_BORDER))


def _refuse(refused: Sequence[str]) -> None:
    if refused:
        more = f" and {len(refused) - _NAMED} more" if len(refused) > _NAMED else ""
        raise DataError(
            f"{len(refused)} image{'s' * (len(refused) > 1)} cannot be used: {', '.join(refused[:_NAMED])}{more}; "
            "replace, convert or delete them"
        )
