"""The export gate: the checks that a model file must pass before anything is written."""

from itertools import product
from typing import Any

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

# Bytes of a released model: of up to ten classes, and of more.
SIZE_LIMITS = {True: 400_000, False: 900_000}
BATCHES = (1, 2, 7, 64, 256)
LEVELS = (
    onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL,
    onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC,
    onnxruntime.GraphOptimizationLevel.ORT_ENABLE_EXTENDED,
    onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL,
)
PER_CLASS = 52
FAR = 2**40
FLOAT_TOLERANCE = 1  # grey levels: a float graph may add in another order and round differently

Inputs = dict[str, NDArray[Any]]


def pass_gate(data: bytes, generator: nn.Module, exact: bool) -> Proof | None:
    """Check a model file: contract, size, proof of exactness, and equality with the torch module.

    Returns:
        The proof if the model claims to be exact.

    Raises:
        ExportError, ModelError: for the first check that fails, or a class whose images are blank.
    """
    onnx.checker.check_model(onnx.load_from_string(data), full_check=True)
    terms = validation.check(data)
    inputs = _inputs(len(terms.info.classes), terms.noise_size, terms.info.knobs)
    with torch.no_grad():
        expected = generator(*map(torch.from_numpy, inputs.values())).numpy()
    if (blank := blank_class(expected, inputs["label"])) is not None:
        raise ExportError(
            f"the model draws blank images of class {terms.info.classes[blank]!r}; "
            "train it longer, or with a lower rate if training diverged"
        )
    proof = None
    if exact:
        proof = prove(onnx_reader.parse(data))
        limit = SIZE_LIMITS[len(terms.info.classes) <= 10]
        if len(data) > limit:
            raise ExportError(f"the file has {len(data)} bytes, but the limit is {limit}")
    # Float graphs may differ across levels and threads, so one setting is enough.
    settings = product(LEVELS, (1, 2)) if exact else [(LEVELS[-1], 1)]
    for level, threads in settings:
        _compare(open_session(data, level, threads), inputs, expected, 0 if exact else FLOAT_TOLERANCE)
    return proof


def _compare(
    session: onnxruntime.InferenceSession, inputs: Inputs, expected: NDArray[np.uint8], tolerance: int
) -> None:
    for batch in BATCHES:
        parts = [
            session.run(["image"], {name: array[i : i + batch] for name, array in inputs.items()})[0]
            for i in range(0, len(expected), batch)
        ]
        difference = int(np.abs(np.concatenate(parts).astype(int) - expected.astype(int)).max())
        if difference > tolerance:
            raise ExportError(
                f"torch and onnxruntime differ by {difference} grey levels in batches of {batch}"
            )


def _inputs(classes: int, latent: int, knobs: tuple[Knob, ...]) -> Inputs:
    """Return `noise`, `label` and `style` of every class, small and large indices, and the range of every knob."""
    count = classes * PER_CLASS
    noise = np.concatenate(
        [normals(seed, Purpose.NOISE, start, count // 2, latent) for seed, start in ((0, 0), (7, FAR))]
    )
    places = normals(0, Purpose.STYLE, 0, count, len(knobs)) / 6 + 0.5
    low, high = (np.array([getattr(knob, end) for knob in knobs], np.float32) for end in ("low", "high"))
    style = low + (high - low) * np.clip(places, 0, 1)
    return {"noise": noise, "label": np.arange(count) % classes, "style": style.astype(np.float32)}


def open_session(
    data: bytes, level: onnxruntime.GraphOptimizationLevel, threads: int
) -> onnxruntime.InferenceSession:
    """Open a model in onnxruntime with an optimisation level and a number of threads."""
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = level
    options.intra_op_num_threads = threads
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
