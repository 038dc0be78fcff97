"""Data sets by name; other packages add theirs through the entry-point group `scorp.datasets`."""

from collections.abc import Callable
from dataclasses import replace
from importlib.metadata import entry_points
from pathlib import Path

from . import emnist, letters
from .dataset import Dataset
from .errors import DataError
from .idx_folder import checksums, files_beside, has_pair, parse_dataset, read_class_names, read_files
from .image_folder import read_image_folder
from .mnist import SHA256, load_mnist, read_mnist

GROUP = "scorp.datasets"

# A loader takes nothing and returns a Dataset; it raises DataError when it cannot.
Loader = Callable[[], Dataset]
_BUILT_IN: dict[str, Loader] = {"mnist": load_mnist, "letters": letters.load_letters, **emnist.LOADERS}


def dataset_names() -> tuple[str, ...]:
    """The names that `load_dataset` knows, sorted."""
    return tuple(sorted({*_BUILT_IN, *(point.name for point in entry_points(group=GROUP))}))


def load_dataset(data: str | Path = "mnist", layout: str = "auto", invert: bool = False) -> Dataset:
    """The data set of that registered name, or the one in that directory of class folders or IDX files.

    A name wins over a directory of the same name (write `./mnist` for the directory). A directory's data set is
    named after it, unless its checksums are those of MNIST. `layout` says which pictures of class folders are laid out
    as MNIST's: `auto` (those that are not 28 x 28, white on black), `mnist` (all) or `none`. With `invert`, the images
    of the directory have dark ink on light paper. Raises `DataError`.
    """
    name = str(data)
    if invert and name in dataset_names():
        raise DataError(f"--invert is for a directory, not for the data set {name}")
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
        raise DataError(f"no data set {name!r}: neither a directory nor one of {', '.join(dataset_names())}")
    return _read_directory(directory, layout, invert)


def _read_directory(directory: Path, layout: str, invert: bool) -> Dataset:
    if (directory / letters.FILE).is_file():
        return letters.read_letters(directory / letters.FILE)
    if not has_pair(directory):
        return read_image_folder(directory, layout, invert)
    content = read_files(directory)
    if checksums(content) == SHA256:
        return read_mnist(directory)
    names = read_class_names(directory)
    dataset = parse_dataset(content, directory.resolve().name, "unknown", str(directory), names, invert)
    return replace(dataset, notes=(*dataset.notes, *files_beside(directory)))
