"""Data sets of handwriting by name: `load_dataset("mnist")`, or a directory of IDX files."""

from scorp_train.data.dataset import Dataset, Split
from scorp_train.data.errors import DataError
from scorp_train.data.registry import dataset_names, load_dataset

__all__ = ["DataError", "Dataset", "Split", "dataset_names", "load_dataset"]
