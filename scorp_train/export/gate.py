"""The export gate: what a finished model file must prove before anything is written."""

from dataclasses import dataclass
from itertools import product

import numpy as np
import onnx
import onnxruntime
import torch
from numpy.typing import NDArray
from torch import nn

from scorp_runtime.imaging.ink import blank_class
from scorp_runtime.model import onnx_reader, validation
from scorp_runtime.sampling.knobs import Knob
from scorp_runtime.sampling.philox import Purpose, normals
from scorp_train.errors import ExportError

from .exactness import Proof, prove

# Sizes that DESIGN promises for released models, in bytes: ten classes, and more.
SIZE_LIMITS = {True: 150_000, False: 300_000}
BATCHES = (1, 2, 7, 64, 256)
LEVELS = (
    onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL,
    onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC,
    onnxruntime.GraphOptimizationLevel.ORT_ENABLE_EXTENDED,
    onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL,
)
PER_CLASS = 52
FAR = 2**40
# A float graph may round a pixel the other way, as its sums are added in another order.
FLOAT_TOLERANCE = 1


@dataclass(frozen=True, eq=False)
class Feed:
    """Inputs for the parity check: `noise` float32 (N, Z), `label` int64 (N,), `style` float32 (N, S)."""

    noise: NDArray[np.float32]
    label: NDArray[np.int64]
    style: NDArray[np.float32]

    def part(self, batch: int, number: int) -> dict[str, NDArray[np.generic]]:
        """One batch, as the session takes it."""
        rows = slice(number * batch, (number + 1) * batch)
        return {"noise": self.noise[rows], "label": self.label[rows], "style": self.style[rows]}


def pass_gate(data: bytes, picture: nn.Module, exact: bool) -> Proof | None:
    """Checks a model file against the contract, its size limit, its proof, and the torch module it came from.

    Returns the proof when the model claims to be exact. Raises `ExportError` or `ModelError` with the first promise
    that does not hold, or for a class whose images are blank.
    """
    onnx.checker.check_model(onnx.load_from_string(data), full_check=True)
    terms = validation.check(data)
    feed = _feed(len(terms.info.classes), terms.noise_size, terms.info.knobs)
    with torch.no_grad():
        wanted = picture(*(torch.from_numpy(part) for part in (feed.noise, feed.label, feed.style))).numpy()
    if (blank := blank_class(wanted, feed.label)) is not None:
        raise ExportError(
            f"the model draws blank images of class {terms.info.classes[blank]!r}; "
            "train it longer, or with a lower rate if training diverged"
        )
    proof = None
    if exact:
        proof = prove(onnx_reader.parse(data))
        limit = SIZE_LIMITS[len(terms.info.classes) <= 10]
        if len(data) > limit:
            raise ExportError(f"the file has {len(data)} bytes, the limit is {limit}")
    # A float graph promises nothing across levels and threads, so one pass of it tells all there is.
    settings = product(LEVELS, (1, 2)) if exact else [(LEVELS[-1], 1)]
    for level, threads in settings:
        _compare(open_session(data, level, threads), feed, wanted, 0 if exact else FLOAT_TOLERANCE)
    return proof


def _compare(
    session: onnxruntime.InferenceSession, feed: Feed, wanted: NDArray[np.uint8], tolerance: int
) -> None:
    for batch in BATCHES:
        parts = range(-(-len(wanted) // batch))
        made = np.concatenate([session.run(["image"], feed.part(batch, number))[0] for number in parts])
        difference = int(np.abs(made.astype(int) - wanted.astype(int)).max())
        if difference > tolerance:
            raise ExportError(
                f"torch and onnxruntime differ by {difference} grey levels in batches of {batch}"
            )


def _feed(classes: int, latent: int, knobs: tuple[Knob, ...]) -> Feed:
    """Every class, addresses near and far, styles from end to end of every knob."""
    count = classes * PER_CLASS
    noise = np.concatenate(
        [normals(seed, Purpose.NOISE, start, count // 2, latent) for seed, start in ((0, 0), (7, FAR))]
    )
    places = normals(0, Purpose.STYLE, 0, count, len(knobs)) / 6 + 0.5
    low, high = (np.array([getattr(knob, end) for knob in knobs], np.float32) for end in ("low", "high"))
    style = low + (high - low) * np.clip(places, 0, 1)
    return Feed(noise, np.arange(count) % classes, style.astype(np.float32))


def open_session(
    data: bytes, level: onnxruntime.GraphOptimizationLevel, threads: int
) -> onnxruntime.InferenceSession:
    """A model in onnxruntime, optimised as far as `level`, on that many threads."""
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = level
    options.intra_op_num_threads = threads
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
