"""Handwritten digits on demand.

    >>> from scorp_runtime import Generator
    >>> batch = Generator().generate("0-9", count=100, seed=1)
    >>> batch.images.shape  # uint8, 0 = paper, 255 = ink
    (100, 28, 28)

Importing this package loads nothing heavy: numpy, onnxruntime and Pillow are imported when first needed.
It also sets `ORT_DISABLE_TELEMETRY=1`, unless the variable is already set.
"""

import os
import sys

from .errors import (
    AddressError,
    CountError,
    DatasetError,
    LabelError,
    MissingExtraError,
    ModelError,
    OutputError,
    RequestError,
    ScorpError,
    StyleError,
)
from .version import __version__ as __version__

# The telemetry of onnxruntime, which writes to the home directory and sends reports, starts when it is imported.
if os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1") == "1" and "onnxruntime" in sys.modules:
    getattr(sys.modules["onnxruntime"], "disable_telemetry_events", bool)()  # its files and threads remain

TYPE_CHECKING = False  # known to type checkers; importing `typing` would double the time of `--version`
if TYPE_CHECKING:
    from .datasets.dataset import Dataset, Meta
    from .datasets.line_dataset import LineDataset
    from .generator import Generator
    from .imaging.effects import Effects
    from .imaging.ink import Box
    from .inference.batch import Batch
    from .model.bundled import ModelFile
    from .model.metadata import ModelInfo
    from .sampling.arguments import LabelsLike, StyleLike
    from .sampling.knobs import Knob, Uniform
    from .sampling.labels import Counts, Weights
    from .text.layout import Layout
    from .text.page import Character, Page
    from .text.pattern import Pattern
    from .text.transliterate import transliterate

__all__ = [
    "AddressError",
    "Batch",
    "Box",
    "Character",
    "CountError",
    "Counts",
    "Dataset",
    "DatasetError",
    "Effects",
    "Generator",
    "Knob",
    "LabelError",
    "LabelsLike",
    "Layout",
    "LineDataset",
    "Meta",
    "MissingExtraError",
    "ModelError",
    "ModelFile",
    "ModelInfo",
    "OutputError",
    "Page",
    "Pattern",
    "RequestError",
    "ScorpError",
    "StyleError",
    "StyleLike",
    "Uniform",
    "Weights",
    "transliterate",
]

_MODULES = {
    "Batch": "inference.batch",
    "Box": "imaging.ink",
    "Character": "text.page",
    "Counts": "sampling.labels",
    "Dataset": "datasets.dataset",
    "Effects": "imaging.effects",
    "Generator": "generator",
    "Knob": "sampling.knobs",
    "LabelsLike": "sampling.arguments",
    "Layout": "text.layout",
    "LineDataset": "datasets.line_dataset",
    "Meta": "datasets.dataset",
    "ModelFile": "model.bundled",
    "ModelInfo": "model.metadata",
    "Page": "text.page",
    "Pattern": "text.pattern",
    "StyleLike": "sampling.arguments",
    "Uniform": "sampling.knobs",
    "Weights": "sampling.labels",
    "transliterate": "text.transliterate",
}


def __getattr__(name: str) -> object:
    """Import a public name from its module on first use."""
    if name == "Presentation":
        import warnings

        warnings.warn("scorp_runtime.Presentation is now Effects", DeprecationWarning, stacklevel=2)
        return __getattr__("Effects")
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value: object = getattr(import_module(f".{_MODULES[name]}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_MODULES})
