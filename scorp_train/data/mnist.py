"""MNIST (LeCun, Cortes and Burges 1998), from the data directory or a mirror, always checked by SHA-256."""

from pathlib import Path

from scorp_runtime.files.atomic import write_files
from scorp_train.files import make_folder

from .cache import data_directory
from .dataset import Dataset
from .download import fetch_gzipped
from .errors import DataError
from .idx_folder import checksums, find_files, parse_dataset, read_files

LICENCE = "CC BY-SA 3.0"
SHA256 = {
    "train-images-idx3-ubyte": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    "train-labels-idx1-ubyte": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    "t10k-images-idx3-ubyte": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    "t10k-labels-idx1-ubyte": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
}
MIRRORS = (
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
)


def find_mnist() -> Path | None:
    """Return the directory of the four files on this machine, or None. Nothing is downloaded."""
    directory = data_directory("mnist")
    return directory if find_files(directory).keys() == SHA256.keys() else None


def read_mnist(directory: Path) -> Dataset:
    """Read MNIST from a directory. Raises `DataError` if a file is missing or is not MNIST's."""
    content = read_files(directory)
    for name, digest in checksums(content).items():
        if digest != SHA256[name]:
            raise DataError(
                f"{directory}: {name} is damaged or not MNIST's (SHA-256 {digest[:12]}…); "
                "delete it to download it again"
            )
    return parse_dataset(content, "mnist", LICENCE, str(directory))


def fetch_mnist() -> Path:
    """Download the four files into the data directory and return it. Raises `DataError` that lists the attempts."""
    directory, failures = data_directory("mnist"), []
    for mirror in MIRRORS:
        try:
            content = {name: fetch_gzipped(f"{mirror}{name}.gz", digest) for name, digest in SHA256.items()}
            make_folder(directory)
            write_files({directory / name: data for name, data in content.items()})
            return directory
        except DataError as error:
            failures.append(str(error))
    raise DataError(
        f"MNIST is not in {directory} and could not be downloaded ({'; '.join(failures)}); "
        "put its four IDX files into a directory and pass --data DIR"
    )


def load_mnist() -> Dataset:
    """Return MNIST, 60,000 training and 10,000 test digits, downloading it if it is not on this machine."""
    return read_mnist(find_mnist() or fetch_mnist())
