"""Data sets of handwriting by name: `load_dataset("mnist")`, or a directory of IDX files."""

from .dataset import Dataset, Split
from .errors import DataError
from .registry import dataset_names, load_dataset

__all__ = ["DataError", "Dataset", "Split", "dataset_names", "load_dataset"]
