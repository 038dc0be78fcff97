"""Datasets of handwriting: `load_dataset("mnist")`, or a directory of images or IDX files."""

from .dataset import Dataset, Split
from .errors import DataError
from .registry import dataset_names, load_dataset

__all__ = ["DataError", "Dataset", "Split", "dataset_names", "load_dataset"]
