"""Handwritten digits on demand.

    from scorp_runtime import Generator

    batch = Generator().generate("0-9", count=100, seed=1)
    batch.images  # uint8 (100, 28, 28), 0 = paper, 255 = ink

Importing this package loads nothing heavy: numpy, onnxruntime and Pillow are imported when first needed.
It also sets `ORT_DISABLE_TELEMETRY=1`, unless the variable is already set.
"""

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
from .inference.telemetry import turn_off_telemetry
from .version import __version__ as __version__

turn_off_telemetry()

TYPE_CHECKING = (
    False  # type checkers know the name; `typing` itself would double the time of `scorp-gen --version`
)
if TYPE_CHECKING:
    from .datasets.dataset import Dataset
    from .generator import Generator
    from .imaging.effects import Presentation
    from .inference.batch import Batch
    from .model.metadata import ModelInfo
    from .sampling.knobs import Knob, Uniform
    from .sampling.labels import Counts, Weights
    from .text.layout import Layout
    from .text.page import Page

__all__ = [
    "AddressError",
    "Batch",
    "CountError",
    "Counts",
    "Dataset",
    "DatasetError",
    "Generator",
    "Knob",
    "LabelError",
    "Layout",
    "MissingExtraError",
    "ModelError",
    "ModelInfo",
    "OutputError",
    "Page",
    "Presentation",
    "RequestError",
    "ScorpError",
    "StyleError",
    "Uniform",
    "Weights",
]

_HOMES = {
    "Batch": "inference.batch",
    "Counts": "sampling.labels",
    "Dataset": "datasets.dataset",
    "Generator": "generator",
    "Knob": "sampling.knobs",
    "Layout": "text.layout",
    "ModelInfo": "model.metadata",
    "Page": "text.page",
    "Presentation": "imaging.effects",
    "Uniform": "sampling.knobs",
    "Weights": "sampling.labels",
}


def __getattr__(name: str) -> object:
    """Import a public name from its home when it is first asked for."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value: object = getattr(import_module(f".{_HOMES[name]}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
