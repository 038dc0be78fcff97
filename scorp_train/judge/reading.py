"""Read digits with a frozen judge: what class, how sure, and the features that distances are taken in."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from scorp_runtime.files.decoding import decoding

_BATCH = 256
_SHIPPED = files("scorp_train.judge") / "models"


@dataclass(frozen=True, eq=False)
class Reading:
    """Of N pictures: `logits` float32 (N, K), `features` float32 (N, 64)."""

    logits: NDArray[np.float32]
    features: NDArray[np.float32]

    @property
    def labels(self) -> NDArray[np.int64]:
        """The class read, int64 (N,)."""
        labels: NDArray[np.int64] = self.logits.argmax(1).astype(np.int64)
        return labels

    @property
    def probabilities(self) -> NDArray[np.float32]:
        """Softmax of the logits, float32 (N, K)."""
        powers = np.exp(self.logits - self.logits.max(1, keepdims=True))
        shares: NDArray[np.float32] = powers / powers.sum(1, keepdims=True)
        return shares

    @property
    def confidence(self) -> NDArray[np.float32]:
        """Probability of the class read, float32 (N,)."""
        highest: NDArray[np.float32] = self.probabilities.max(1)
        return highest


class Judge:
    """A judge's ONNX file, loaded. Deterministic: one thread unless asked for more."""

    def __init__(self, path: Path, threads: int = 1) -> None:
        """Load the file; raises FileNotFoundError without it, ValueError when it is no judge."""
        if not path.is_file():
            raise FileNotFoundError(f"no judge at {path}")
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.log_severity_level = 3
        with decoding(ValueError, f"the judge {path}"):
            self._session = onnxruntime.InferenceSession(
                str(path), options, providers=["CPUExecutionProvider"]
            )
            metadata = self._session.get_modelmeta().custom_metadata_map
            self.name: str = metadata["name"]
            self.classes: tuple[str, ...] = tuple(map(str, json.loads(metadata["classes"])))
            self.card: dict[str, object] = json.loads(metadata["card"])

    def read(self, images: NDArray[np.uint8]) -> Reading:
        """Read pictures uint8 (N, 28, 28)."""
        if images.dtype != np.uint8 or images.ndim != 3:
            raise ValueError(f"pictures are uint8 (N, 28, 28), not {images.dtype} {images.shape}")
        parts = [
            self._session.run(["logits", "features"], {"image": images[start : start + _BATCH]})
            for start in range(0, max(len(images), 1), _BATCH)
        ]
        return Reading(
            np.concatenate([part[0] for part in parts]), np.concatenate([part[1] for part in parts])
        )

    def accuracy(self, images: NDArray[np.uint8], labels: NDArray[np.int64]) -> float:
        """Share of pictures read as labelled."""
        return float((self.read(images).labels == labels).mean())


def judge_names() -> tuple[str, ...]:
    """The names of the judges that are shipped, sorted."""
    names = (entry.name for entry in _SHIPPED.iterdir())
    return tuple(sorted(name.removesuffix(".onnx") for name in names if name.endswith(".onnx")))


@cache
def load_judge(name: str = "mnist", threads: int = 1) -> Judge:
    """The judge shipped under that name. Raises FileNotFoundError naming those there are."""
    if name not in judge_names():
        raise FileNotFoundError(f"no judge for {name!r}; there are: {', '.join(judge_names())}")
    with as_file(_SHIPPED / f"{name}.onnx") as path:
        return Judge(path, threads)


def judge_for(classes: Collection[str]) -> Judge | None:
    """The shipped judge that knows these classes and the fewest others, if there is one."""
    fit = (judge for name in judge_names() if set(classes) <= set((judge := load_judge(name)).classes))
    return min(fit, key=lambda judge: len(judge.classes), default=None)
