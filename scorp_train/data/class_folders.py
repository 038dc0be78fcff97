"""Which images of a directory belong to which class and split, and which files are left out."""

import os
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from .errors import DataError
from .idx_folder import FILES
from .image_file import SUFFIXES

TRAINING, TEST = ("train", "training"), ("test", "testing")
VALIDATION = ("val", "valid", "validation")
_WRAPPERS = ("images", "image", "imgs", "img", "pictures", "data")
_SYSTEM = frozenset({"thumbs.db", "ehthumbs.db", "desktop.ini", "__macosx", "@eadir", "lost+found"})
_NAMED = 5  # files of each reason
_DEEPEST = 4  # folders around those of the classes


class LeftOut:
    """The files that are not read, by reason."""

    def __init__(self) -> None:
        self._paths: dict[str, dict[Path, None]] = {}

    def add(self, reason: str, paths: Iterable[Path]) -> None:
        """Note files that are left out for a reason."""
        for path in paths:
            self._paths.setdefault(reason, {})[path] = None

    def lines(self, root: Path) -> tuple[str, ...]:
        """A line for each reason: how many files, and the names of the first."""
        return tuple(
            f"left out {len(paths)} file{'s' * (len(paths) > 1)}, {reason}: {_named(list(paths), root)}"
            for reason, paths in self._paths.items()
        )


@dataclass(frozen=True)
class ClassFolders:
    """The image files of each class by split; `test` is None where no folder holds one."""

    train: dict[str, list[Path]]
    test: dict[str, list[Path]] | None
    left_out: LeftOut = field(default_factory=LeftOut)


def find_class_folders(directory: Path) -> ClassFolders:
    """The class folders in a directory, directly or in folders of splits. Raises `DataError`."""
    left_out = LeftOut()
    root = _unwrap(directory, left_out, stop=(TRAINING, TEST, VALIDATION))
    folders = _folders(root, left_out)
    splits = {folder: inner for folder in folders if _role(folder) and (inner := _inner(folder))}
    training = _only([folder for folder in splits if _role(folder) == TRAINING])
    if training is None:
        if splits:
            raise DataError(
                f"{next(iter(splits))} has class folders, but there is no train/ with class folders beside it; "
                "rename the folder of the training images to train"
            )
        with_images = [folder for folder in folders if images_in(folder)]
        if with_images and all(_role(folder) or folder.name.lower() in _WRAPPERS for folder in with_images):
            raise DataError(
                f"{with_images[0]} holds images but no class folders; put its images into a folder for each class"
            )
        return ClassFolders(_classes(root, left_out), None, left_out)
    for folder in folders:
        if folder not in splits and images_in(folder) and not _role(folder):
            raise DataError(
                f"{folder} holds images beside {training.name}/, which has class folders; "
                "move it there if it is a class, or out of the directory"
            )
    tests = [_only([folder for folder in splits if _role(folder) == role]) for role in (TEST, VALIDATION)]
    test = next((folder for folder in tests if folder), None)
    for folder in folders:
        if folder not in (training, test):
            reason = f"in {folder.name}/, which " + (
                f"is not used beside {test.name}/" if folder in splits and test else "has no class folders"
            )
            left_out.add(reason, _files_below(folder))
    _leave_files(root, left_out)
    train = _classes(_unwrap(training, left_out), left_out)
    if test is None:
        return ClassFolders(train, None, left_out)
    tested = _classes(_unwrap(test, left_out), left_out)
    if strange := sorted(tested.keys() - train.keys()):
        raise DataError(
            f"{tested[strange[0]][0].parent}: class {strange[0]!r} is not in {training.name}/; "
            "add its training images or delete the folder"
        )
    return ClassFolders(train, tested, left_out)


def images_in(folder: Path) -> list[Path]:
    """The files directly in a folder that are named as images, sorted; hidden ones are left out."""
    return sorted(
        path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES and not _is_hidden(path)
    )


def class_name(folder: Path) -> str:
    """The name of a folder's class: composed (NFC), as macOS writes names decomposed."""
    return unicodedata.normalize("NFC", folder.name)


def collect(folder: Path, left_out: LeftOut) -> list[Path]:
    """The image files directly in a folder; all others are left out."""
    images = images_in(folder)
    for path in sorted(set(folder.iterdir()) - set(images)):
        if _is_hidden(path):
            left_out.add("hidden or of the system", _files_below(path))
        elif path.is_dir():
            left_out.add("in a folder inside the folder of a class", _files_below(path))
        else:
            left_out.add(f"not a supported kind of image ({path.suffix.lower() or 'no suffix'})", [path])
    return images


def _classes(root: Path, left_out: LeftOut) -> dict[str, list[Path]]:
    """The image files of each class folder of `root`. Raises `DataError` for a folder without."""
    folders: dict[str, Path] = {}
    for folder in _folders(root, left_out):
        if (name := class_name(folder)) in folders:
            raise DataError(
                f"{folder} and {folders[name]} are one class, as their names differ only in how Unicode "
                "composes letters; merge the two folders"
            )
        folders[name] = folder
    _leave_files(root, left_out)
    if not folders:
        held = ", ".join(sorted(path.name for path in root.iterdir())[:_NAMED]) or "nothing"
        raise DataError(
            f"{root} has no {FILES[0]} and no class folders; put the images into a folder for each class "
            f"(it holds: {held})"
        )
    return {name: _images_of_class(folders[name], left_out) for name in _in_order(folders)}


def _images_of_class(folder: Path, left_out: LeftOut) -> list[Path]:
    if images := collect(folder, left_out):
        return images
    remedy = "add images, or delete or move the folder"
    for inner in _folders(folder, LeftOut()):
        if images_in(inner):
            raise DataError(f"{folder} holds no images, but {inner} does; move them directly into {folder}")
    files = [path for path in folder.iterdir() if not _is_hidden(path)]
    if files:
        kinds = ", ".join(sorted({path.suffix.lower() or path.name for path in files})[:_NAMED])
        remedy = f"convert them to PNG, or delete or move the folder (it holds: {kinds})"
    raise DataError(f"class folder {folder} holds no images that can be read; {remedy}")


def _unwrap(directory: Path, left_out: LeftOut, stop: Sequence[tuple[str, ...]] = ()) -> Path:
    """The directory, or a single folder in it that holds the class folders or splits, such as images/.

    Folders named as one of the splits `stop` are never passed through.
    """
    for _ in range(_DEEPEST):
        folders = _folders(directory, LeftOut())
        holding = [folder for folder in folders if images_in(folder) or _holds_folders(folder)]
        if len(holding) != 1 or images_in(directory) or images_in(holding[0]) or _role(holding[0]) in stop:
            break
        _folders(directory, left_out)
        _leave_files(directory, left_out)
        for folder in folders:
            if folder != holding[0]:
                left_out.add(f"beside {holding[0].name}/", _files_below(folder))
        directory = holding[0]
    return directory


def _holds_folders(folder: Path) -> bool:
    """Whether a folder holds folders with images, however they are wrapped."""
    return _inner(folder) or any(map(_inner, _folders(folder, LeftOut())))


def _inner(folder: Path) -> bool:
    """Whether a folder holds folders with images, directly or one folder further in."""
    inner = _folders(folder, LeftOut())
    return any(images_in(path) for path in inner) or (
        len(inner) == 1 and any(images_in(path) for path in _folders(inner[0], LeftOut()))
    )


def _folders(directory: Path, left_out: LeftOut) -> list[Path]:
    """The folders directly in a directory, but no hidden ones and no links to folders around it."""
    folders = sorted(path for path in directory.iterdir() if path.is_dir() and not _is_hidden(path))
    around = {directory.resolve(), *directory.resolve().parents}
    loops = [folder for folder in folders if folder.is_symlink() and folder.resolve() in around]
    left_out.add("a link to a folder around it", loops)
    return [folder for folder in folders if folder not in loops]


def _leave_files(directory: Path, left_out: LeftOut) -> None:
    """Leave out what is beside folders."""
    for path in sorted(directory.iterdir()):
        if _is_hidden(path):
            left_out.add("hidden or of the system", _files_below(path))
        elif not path.is_dir():
            left_out.add("beside the folders", [path])


def _files_below(path: Path) -> list[Path]:
    """The files in a folder and in the folders inside it, or the file itself; links to folders are files."""
    if not path.is_dir() or path.is_symlink():
        return [path]
    return sorted(Path(place) / name for place, _, names in os.walk(path) for name in names)


def _is_hidden(path: Path) -> bool:
    return path.name.startswith(".") or path.name.lower() in _SYSTEM


def _role(folder: Path) -> tuple[str, ...] | None:
    """Which split a folder is named after."""
    return next((names for names in (TRAINING, TEST, VALIDATION) if folder.name.casefold() in names), None)


def _only(folders: Sequence[Path]) -> Path | None:
    if len(folders) > 1:
        raise DataError(
            f"{folders[0]} and {folders[1].name} both hold the same split; merge them or move one away"
        )
    return folders[0] if folders else None


def _in_order(names: Iterable[str]) -> list[str]:
    """Numbers first, by size; then the rest by code point."""
    return sorted(names, key=lambda name: (not name.isdecimal(), int(name) if name.isdecimal() else 0, name))


def _named(paths: Sequence[Path], root: Path) -> str:
    names = [str(path.relative_to(root)) for path in paths[:_NAMED]]
    return ", ".join(names) + (f" and {len(paths) - _NAMED} more" if len(paths) > _NAMED else "")
