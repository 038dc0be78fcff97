"""Find the image files of each class and split in a directory."""

import os
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from .errors import DataError
from .idx_folder import FILES
from .image_file import SUFFIXES

_TRAINING, _TEST = ("train", "training"), ("test", "testing")
_VALIDATION = ("val", "valid", "validation")
_SPLITS = (_TRAINING, _TEST, _VALIDATION)
_WRAPPERS = ("images", "image", "imgs", "img", "pictures", "data")
_SYSTEM = frozenset({"thumbs.db", "ehthumbs.db", "desktop.ini", "__macosx", "@eadir", "lost+found"})
_NAMED = 5  # files of each reason
_DEEPEST = 4  # folders around those of the classes


@dataclass(frozen=True)
class ClassFolders:
    """The image files of each class by split; `test` is None if there is no test folder."""

    train: dict[str, list[Path]]
    test: dict[str, list[Path]] | None


def find_class_folders(directory: Path) -> ClassFolders:
    """Find the class folders in a directory, directly or inside `train` and `test`. Raises `DataError`."""
    root = _unwrap(directory, stop=_SPLITS)
    folders = _folders(root)
    splits = {role: [f for f in folders if _role(f) == role and _has_class_folders(f)] for role in _SPLITS}
    for same in splits.values():
        if len(same) > 1:
            raise DataError(f"{same[0]} and {same[1].name} are the same split; merge them or move one away")
    training, test = splits[_TRAINING], splits[_TEST] or splits[_VALIDATION]
    if not training:
        _check_without_splits(folders, test)
        return ClassFolders(_classes(root), None)
    for folder in folders:
        if images_in(folder) and not _role(folder):
            raise DataError(
                f"{folder} holds images beside {training[0].name}/, which has class folders; "
                "move it there if it is a class, or out of the directory"
            )
    train = _classes(_unwrap(training[0]))
    if not test:
        return ClassFolders(train, None)
    tested = _classes(_unwrap(test[0]))
    if unknown := sorted(tested.keys() - train.keys()):
        raise DataError(
            f"{tested[unknown[0]][0].parent}: class {unknown[0]!r} is not in {training[0].name}/; "
            "add its training images or delete the folder"
        )
    return ClassFolders(train, tested)


def skipped_files(directory: Path, used: Collection[Path]) -> tuple[str, ...]:
    """Return a note for each reason why files in a directory are not used, with the names of the first five."""
    reasons: dict[str, list[str]] = {}
    used = set(used)
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
    """Return the class of a folder: its name in composed Unicode (NFC), as macOS decomposes file names."""
    return unicodedata.normalize("NFC", folder.name)


def _check_without_splits(folders: Sequence[Path], splits: Sequence[Path]) -> None:
    """Raise `DataError` if the folders are splits instead of classes, or a single folder of images."""
    if splits:
        raise DataError(
            f"{splits[0]} has class folders, but there is no train/ with class folders beside it; "
            "rename the folder of the training images to train"
        )
    with_images = [folder for folder in folders if images_in(folder)]
    if with_images and all(_role(folder) or folder.name.lower() in _WRAPPERS for folder in with_images):
        raise DataError(
            f"{with_images[0]} holds images but no class folders; put its images into a folder for each class"
        )


def _classes(root: Path) -> dict[str, list[Path]]:
    """Return the image files of each class folder of `root`. Raises `DataError` if a folder has none."""
    folders: dict[str, Path] = {}
    for folder in _folders(root):
        if (name := class_name(folder)) in folders:
            raise DataError(
                f"{folder} and {folders[name]} are one class: their names differ only in how Unicode "
                "composes letters; merge the two folders"
            )
        folders[name] = folder
    if not folders:
        found = ", ".join(sorted(path.name for path in root.iterdir())[:_NAMED]) or "nothing"
        raise DataError(
            f"{root} has no {FILES[0]} and no class folders; put the images into a folder for each class "
            f"(it holds: {found})"
        )
    # Numbers first, by value; then the others by code point.
    order = sorted(
        folders, key=lambda name: (not name.isdecimal(), int(name) if name.isdecimal() else 0, name)
    )
    return {name: _images_of_class(folders[name]) for name in order}


def _images_of_class(folder: Path) -> list[Path]:
    if images := images_in(folder):
        return images
    remedy = "add images, or delete or move the folder"
    for inner in _folders(folder):
        if images_in(inner):
            raise DataError(f"{folder} holds no images, but {inner} does; move them directly into {folder}")
    if files := [path for path in folder.iterdir() if not _is_hidden(path)]:
        kinds = ", ".join(sorted({path.suffix.lower() or path.name for path in files})[:_NAMED])
        remedy = f"convert them to PNG, or delete or move the folder (it holds: {kinds})"
    raise DataError(f"class folder {folder} holds no images that can be read; {remedy}")


def _unwrap(directory: Path, stop: Sequence[tuple[str, ...]] = ()) -> Path:
    """Return the directory, or the only folder in it that holds class folders or splits, such as `images`.

    It never enters a folder named as one of the splits in `stop`.
    """
    for _ in range(_DEEPEST):
        folders = _folders(directory)
        holding = [f for f in folders if images_in(f) or any(map(_has_class_folders, (f, *_folders(f))))]
        if len(holding) != 1 or images_in(directory) or images_in(holding[0]) or _role(holding[0]) in stop:
            break
        directory = holding[0]
    return directory


def _has_class_folders(folder: Path) -> bool:
    """Return whether a folder holds folders with images, directly or one folder further in."""
    inner = _folders(folder)
    return any(map(images_in, inner)) or (len(inner) == 1 and any(map(images_in, _folders(inner[0]))))


def _folders(directory: Path) -> list[Path]:
    """Return the folders directly in a directory, without hidden ones and links to folders around it."""
    around = {directory.resolve(), *directory.resolve().parents}
    return sorted(
        path
        for path in directory.iterdir()
        if path.is_dir() and not _is_hidden(path) and not (path.is_symlink() and path.resolve() in around)
    )


def _is_hidden(path: Path) -> bool:
    return path.name.startswith(".") or path.name.lower() in _SYSTEM


def _role(folder: Path) -> tuple[str, ...] | None:
    """Return the names of the split that a folder is named after."""
    return next((names for names in _SPLITS if folder.name.casefold() in names), None)
