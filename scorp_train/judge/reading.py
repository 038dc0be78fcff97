"""Read images with a frozen judge: their class, the confidence, and the features that distances are measured in."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from scipy.special import softmax

from scorp_runtime.files.decoding import decoding

_BATCH = 256
_SHIPPED = files("scorp_train.judge") / "models"


@dataclass(frozen=True, eq=False)
class Reading:
    """What a judge returns for N images: `logits` float32 (N, K) and `features` float32 (N, 64)."""

    logits: NDArray[np.float32]
    features: NDArray[np.float32]

    @property
    def labels(self) -> NDArray[np.int64]:
        """The most likely class of each image, int64 (N,)."""
        labels: NDArray[np.int64] = self.logits.argmax(1).astype(np.int64)
        return labels

    @property
    def confidence(self) -> NDArray[np.float32]:
        """The probability of the most likely class, float32 (N,)."""
        highest: NDArray[np.float32] = softmax(self.logits, 1).max(1)
        return highest

    def take(self, indices: NDArray[np.bool_] | NDArray[np.int64]) -> "Reading":
        """Return the reading of some images, by a mask or by indices."""
        return Reading(self.logits[indices], self.features[indices])


class Judge:
    """A frozen classifier, run by onnxruntime on one thread.

    Attributes:
        name: the dataset that it learned from.
        classes: names of its classes.
        card: what it is and how well it reads, as `measure_card` returns it.
    """

    def __init__(self, model: bytes, source: str) -> None:
        """Load the bytes of an ONNX file. Raises ValueError, naming the `source`, if they are not a judge."""
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.log_severity_level = 3
        with decoding(ValueError, f"the judge {source}"):
            self._session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
            metadata = self._session.get_modelmeta().custom_metadata_map
            self.name: str = metadata["name"]
            self.classes: tuple[str, ...] = tuple(map(str, json.loads(metadata["classes"])))
            self.card: dict[str, object] = json.loads(metadata["card"])

    @classmethod
    def open(cls, path: Path) -> "Judge":
        """Load a file. Raises FileNotFoundError if it is missing, ValueError if it is not a judge."""
        if not path.is_file():
            raise FileNotFoundError(f"no judge at {path}")
        return cls(path.read_bytes(), str(path))

    def read(self, images: NDArray[np.uint8]) -> Reading:
        """Read images uint8 (N, 28, 28). Raises ValueError for another shape or type."""
        if images.dtype != np.uint8 or images.ndim != 3:
            raise ValueError(f"images must be uint8 (N, 28, 28), not {images.dtype} {images.shape}")
        parts = [
            self._session.run(["logits", "features"], {"image": images[start : start + _BATCH]})
            for start in range(0, max(len(images), 1), _BATCH)
        ]
        logits, features = zip(*parts, strict=True)
        return Reading(np.concatenate(logits), np.concatenate(features))

    def accuracy(self, images: NDArray[np.uint8], labels: NDArray[np.int64]) -> float:
        """Return the share of images that it reads as labelled."""
        return float((self.read(images).labels == labels).mean())


def judge_names() -> tuple[str, ...]:
    """Return the names of the shipped judges, sorted."""
    names = (entry.name for entry in _SHIPPED.iterdir())
    return tuple(sorted(name.removesuffix(".onnx") for name in names if name.endswith(".onnx")))


@cache
def load_judge(name: str = "mnist") -> Judge:
    """Return a shipped judge. Raises FileNotFoundError that lists their names."""
    if name not in judge_names():
        raise FileNotFoundError(f"no judge {name!r}; use one of {', '.join(judge_names())} or a .onnx file")
    return Judge((_SHIPPED / f"{name}.onnx").read_bytes(), name)


def judge_for(classes: Collection[str]) -> Judge | None:
    """Return the shipped judge that knows these classes and the fewest others; None if there is none."""
    judges = [judge for judge in map(load_judge, judge_names()) if set(classes) <= set(judge.classes)]
    return min(judges, key=lambda judge: len(judge.classes), default=None)
