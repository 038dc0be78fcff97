"""Datasets by name. Other packages add theirs through the entry-point group `scorp.datasets`."""

from collections.abc import Callable
from dataclasses import replace
from importlib.metadata import entry_points
from pathlib import Path

from . import emnist, letters, text, unipen
from .dataset import Dataset
from .errors import DataError
from .idx_folder import checksums, find_files, other_files, parse_dataset, read_class_names, read_files
from .image_folder import read_image_folder
from .mnist import SHA256, load_mnist, read_mnist

GROUP = "scorp.datasets"

# A loader has no arguments. It returns a Dataset or raises DataError.
Loader = Callable[[], Dataset]
_BUILT_IN: dict[str, Loader] = {
    "mnist": load_mnist,
    "letters": letters.load_letters,
    "unipen": unipen.load_unipen,
    "text": text.load_text,
    **emnist.LOADERS,
}


def dataset_names() -> tuple[str, ...]:
    """Return the registered names, sorted."""
    return tuple(sorted({*_BUILT_IN, *(point.name for point in entry_points(group=GROUP))}))


def load_dataset(data: str | Path = "mnist", layout: str = "auto", invert: bool = False) -> Dataset:
    """Load a dataset by its registered name, or from a directory of class folders or IDX files.

    Args:
        data: a name, or a directory; write `./mnist` for a directory with a registered name.
        layout: which images of class folders are scaled and centred as in MNIST: `auto` (those that are not 28 x 28,
            white on black), `mnist` (all) or `none`.
        invert: whether the images of the directory have dark ink on light paper.

    Raises:
        DataError: if the dataset is missing or cannot be used.
    """
    name = str(data)
    if invert and name in dataset_names():
        raise DataError(f"--invert is for a directory, not for the dataset {name}")
    if name in _BUILT_IN:
        return _BUILT_IN[name]()
    for point in entry_points(group=GROUP, name=name):
        dataset = point.load()()
        if not isinstance(dataset, Dataset):
            raise DataError(
                f"{point.value} of entry point {name!r} returned {type(dataset).__name__}, not a Dataset"
            )
        return dataset
    directory = Path(data)
    if not directory.is_dir():
        raise DataError(f"no dataset {name!r}: neither a directory nor one of {', '.join(dataset_names())}")
    return _read_directory(directory, layout, invert)


def _read_directory(directory: Path, layout: str, invert: bool) -> Dataset:
    if (directory / letters.FILE).is_file():
        return letters.read_letters(directory / letters.FILE)
    if unipen.has_unipen(directory):
        return unipen.read_unipen(directory)
    if not find_files(directory):
        return read_image_folder(directory, layout, invert)
    content = read_files(directory)
    if checksums(content) == SHA256:
        return read_mnist(directory)
    names = read_class_names(directory)
    dataset = parse_dataset(content, directory.resolve().name, "unknown", str(directory), names, invert)
    return replace(dataset, notes=(*dataset.notes, *other_files(directory)))
