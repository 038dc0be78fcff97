"""Data sets by name; other packages add theirs through the entry-point group `scorp.datasets`."""

from collections.abc import Callable
from importlib.metadata import entry_points
from pathlib import Path

from scorp_train.data.dataset import Dataset
from scorp_train.data.errors import DataError
from scorp_train.data.folder import checksums, parse_dataset, read_files
from scorp_train.data.mnist import SHA256, load_mnist, read_mnist

GROUP = "scorp.datasets"

# A loader takes nothing and returns a Dataset; it raises DataError when it cannot.
Loader = Callable[[], Dataset]
_BUILT_IN: dict[str, Loader] = {"mnist": load_mnist}


def dataset_names() -> tuple[str, ...]:
    """The names that `load_dataset` knows, sorted."""
    return tuple(sorted({*_BUILT_IN, *(point.name for point in entry_points(group=GROUP))}))


def load_dataset(data: str | Path = "mnist") -> Dataset:
    """The data set of that registered name, or the one in that directory of IDX files.

    A name wins over a directory of the same name (write `./mnist` for the directory). A directory's data set is
    named after it, unless its checksums are those of MNIST. Raises `DataError`.
    """
    name = str(data)
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
        raise DataError(
            f"no data set {name!r}: neither a directory of IDX files nor one of {', '.join(dataset_names())}"
        )
    content = read_files(directory)
    if checksums(content) == SHA256:
        return read_mnist(directory)
    return parse_dataset(content, directory.resolve().name, "unknown", str(directory))
