"""Find the image files of each class and split in a directory."""

import os
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from scorp_runtime.formats.folder_names import class_of_folder

from .class_names import checked
from .errors import DataError
from .idx_folder import FILES
from .image_file import SUFFIXES

_TRAINING = ("train", "training")
_TEST = ("test", "testing", "val", "valid", "validation")
_NOT_CLASSES = (*_TRAINING, *_TEST, "images", "image", "imgs", "img", "pictures", "data")
_SYSTEM = frozenset({"thumbs.db", "ehthumbs.db", "desktop.ini", "__macosx", "@eadir", "lost+found"})
_OF_SCORP_GEN = ("metadata.csv", "README.md", "provenance.json")  # which it writes beside its class folders
_NAMED = 5  # files of each reason


@dataclass(frozen=True)
class ClassFolders:
    """The image files of each class by split; `test` is None if there is no test folder."""

    train: dict[str, list[Path]]
    test: dict[str, list[Path]] | None


def find_class_folders(directory: Path) -> ClassFolders:
    """Find the class folders in a directory, directly or inside `train` and `test`. Raises `DataError`."""
    folders = _folders(directory)
    training, test = _split(folders, _TRAINING), _split(folders, _TEST)
    if training is None:
        _check_without_splits(folders, test)
        return ClassFolders(_classes(directory), None)
    for folder in folders:
        if images_in(folder) and folder.name.lower() not in _TRAINING + _TEST:
            raise DataError(
                f"{folder} holds images beside {training.name}/, which has class folders; "
                "move it there if it is a class, or out of the directory"
            )
    train, tested = _classes(training), _classes(test) if test else None
    if unknown := sorted((tested or {}).keys() - train.keys()):
        raise DataError(
            f"{test}: class {unknown[0]!r} is not in {training.name}/; "
            "add its training images or delete the folder"
        )
    return ClassFolders(train, tested)


def skipped_files(directory: Path, used: Collection[Path]) -> tuple[str, ...]:
    """Return a note for each reason why files in a directory are not used, with the names of the first five.

    The files that scorp-gen writes beside its images are not mentioned.
    """
    reasons: dict[str, list[str]] = {}
    used = {*used, *(directory / name for name in _OF_SCORP_GEN)}
    for place, _, names in os.walk(directory):
        for path in (Path(place) / name for name in names):
            if path not in used:
                inside = path.relative_to(directory)
                reasons.setdefault(_reason(inside), []).append(str(inside))
    return tuple(
        f"skipped {len(names)} file{'s' * (len(names) > 1)}, {reason}: {', '.join(sorted(names)[:_NAMED])}"
        + (f" and {len(names) - _NAMED} more" if len(names) > _NAMED else "")
        for reason, names in sorted(reasons.items())
    )


def _reason(path: Path) -> str:
    if any(map(_is_hidden, (path, *path.parents[:-1]))):
        return "hidden or of the system"
    if path.suffix.lower() not in SUFFIXES:
        return f"not a supported image format ({path.suffix.lower() or 'no suffix'})"
    return "outside the class folders that are used"


def images_in(folder: Path) -> list[Path]:
    """Return the files directly in a folder whose suffix is an image's, sorted, without hidden ones."""
    return sorted(
        path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES and not _is_hidden(path)
    )


def class_name(folder: Path) -> str:
    """Return the class of a folder, from its name in composed Unicode (NFC), as macOS decomposes file names."""
    return class_of_folder(unicodedata.normalize("NFC", folder.name))


def _split(folders: Sequence[Path], names: Sequence[str]) -> Path | None:
    """Return the folder with the earliest of these names that has class folders; None if there is none."""
    found = [f for f in folders if f.name.lower() in names and any(map(images_in, _folders(f)))]
    return min(found, key=lambda folder: names.index(folder.name.lower()), default=None)


def _check_without_splits(folders: Sequence[Path], test: Path | None) -> None:
    """Raise `DataError` if the folders are splits instead of classes, or a single folder of images."""
    if test is not None:
        raise DataError(
            f"{test} has class folders, but there is no train/ with class folders beside it; "
            "rename the folder of the training images to train"
        )
    with_images = [folder for folder in folders if images_in(folder)]
    if with_images and all(folder.name.lower() in _NOT_CLASSES for folder in with_images):
        raise DataError(
            f"{with_images[0]} holds images but no class folders; put its images into a folder for each class"
        )


def _classes(root: Path) -> dict[str, list[Path]]:
    """Return the image files of each class folder of `root`. Raises `DataError` if a folder has none."""
    folders = _folders(root)
    if not folders:
        found = ", ".join(sorted(path.name for path in root.iterdir())[:_NAMED]) or "nothing"
        raise DataError(
            f"{root} has no {FILES[0]} and no class folders; put the images into a folder for each class "
            f"(it holds: {found})"
        )
    classes = dict(zip(checked(list(map(class_name, folders)), str(root)), folders, strict=True))
    # Numbers first, by value; then the others by code point.
    order = sorted(classes, key=lambda name: (not name.isdecimal(), name.isdecimal() and int(name), name))
    return {name: _images_of_class(classes[name]) for name in order}


def _images_of_class(folder: Path) -> list[Path]:
    if images := images_in(folder):
        return images
    for inner in _folders(folder):
        if images_in(inner):
            raise DataError(
                f"{folder} holds no images, but {inner} does; move them directly into {folder}, "
                f"or pass {folder} if its folders are the classes"
            )
    held = sorted({path.suffix.lower() or path.name for path in folder.iterdir()})
    raise DataError(
        f"class folder {folder} holds no images that can be read; add PNG images, or delete or move the folder "
        f"(it holds: {', '.join(held[:_NAMED]) or 'nothing'})"
    )


def _folders(directory: Path) -> list[Path]:
    """Return the folders directly in a directory, without hidden ones."""
    return sorted(path for path in directory.iterdir() if path.is_dir() and not _is_hidden(path))


def _is_hidden(path: Path) -> bool:
    return path.name.startswith(".") or path.name.lower() in _SYSTEM
