"""A finished training in, a released model out: `<name>.onnx`, its card `<name>.md` and `<name>.golden.json`."""

import math
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import onnx
import torch
from torch import nn

from scorp_runtime import Generator
from scorp_runtime.files.atomic import write_files
from scorp_runtime.model import onnx_reader
from scorp_runtime.model.metadata import ModelInfo
from scorp_runtime.model.validation import weights_sha256
from scorp_train.data import Dataset
from scorp_train.errors import ExportError
from scorp_train.files import make_folder
from scorp_train.models.onnx_graph import multiply_adds, trace
from scorp_train.training.trainer import Trainer

from .card import REAL, write_card
from .gate import pass_gate
from .golden import golden_bytes

SCORED = 10_000


def export_model(trainer: Trainer, folder: Path, name: str, model_version: str = "0.1.0") -> Path:
    """Exports what a finished training made; returns the path of the model file.

    Raises `ExportError` when the training is unfinished or the gate refuses; then nothing is written.
    """
    if not trainer.finished:
        raise ExportError(
            f"{trainer.run.path} is at step {trainer.step} of {trainer.task.steps}; train it to its end first"
        )
    picture = trainer.picture(torch.device("cpu"))
    inputs = {
        "noise": torch.zeros(2, trainer.model.latent),
        "label": torch.zeros(2, dtype=torch.int64),
        "style": torch.zeros(2, len(trainer.task.knobs)),
    }
    graph = trace(picture, inputs, ["image"])
    dataset, natural = trainer.dataset, trainer.natural
    info = ModelInfo(
        name=name,
        version=model_version,
        classes=trainer.task.classes,
        knobs=natural.knobs,
        natural=natural.natural,
        exact=trainer.model.exact(trainer.step),
        architecture=trainer.model.architecture,
        macs=multiply_adds(picture, inputs),
        dataset=_origin(dataset),
        # Weights learned from a work are offered under that work's licence, the more careful reading.
        licence=dataset.licence,
        recipe=_recipe(trainer),
        scores=_scores(trainer, picture),
        weights_sha256=weights_sha256(onnx_reader.parse(graph.SerializeToString()).initialisers),
    )
    onnx.helper.set_model_props(graph, info.to_metadata())
    data = graph.SerializeToString()
    proof = pass_gate(data, picture, info.exact)
    return _write(folder, info, data, write_card(info, len(data), proof))


def _origin(dataset: Dataset) -> dict[str, Any]:
    """What the model file says of its training pictures; those made from others do not count as images."""
    origin: dict[str, Any] = {
        "name": dataset.name,
        "images": len(dataset.train) - dataset.variants,
        "licence": dataset.licence,
        "sha256": dataset.sha256,
    }
    more = {"variants": dataset.variants, "sources": dataset.sources}
    return origin | {name: value for name, value in more.items() if value}


def _scores(trainer: Trainer, picture: nn.Module) -> dict[str, float]:
    """The scores of the model, and under `real_...` those of as many real pictures."""
    scorer = trainer.scorer(SCORED)
    real = {f"{REAL}{name}": value for name, value in scorer.score_real().items()}
    scores = scorer.score(picture) | trainer.reconstruction(SCORED) | real
    if senseless := [name for name, value in scores.items() if not math.isfinite(value)]:
        raise ExportError(f"{trainer.run.path}: {senseless[0]} is no number; the training has diverged")
    return scores


def _recipe(trainer: Trainer) -> dict[str, Any]:
    """What made the weights: of devices and versions all that the training used, in order, not those of the export."""
    starts = trainer.run.document().get("starts", [])
    packages = dict.fromkeys(name for start in starts for name in start["versions"])
    return {
        "command": trainer.plan.command(),
        "options": trainer.plan.to_json(),
        "steps": trainer.step,
        "device": _joined(start["device"] for start in starts),
        "versions": {name: _joined(start["versions"].get(name) for start in starts) for name in packages},
    }


def _joined(values: Iterable[str | None]) -> str:
    """Return the distinct values in order."""
    return ", then ".join(dict.fromkeys(filter(None, values)))


def _write(folder: Path, info: ModelInfo, data: bytes, card: str) -> Path:
    """The model last: whoever finds it finds a card and a golden file that belong to it."""
    with tempfile.TemporaryDirectory() as scratch:
        draft = Path(scratch) / f"{info.name}.onnx"
        draft.write_bytes(data)
        golden = golden_bytes(Generator(draft))
    make_folder(folder)
    path = folder / f"{info.name}.onnx"
    contents = {
        path.with_suffix(".md"): card.encode(),
        path.with_suffix(".golden.json"): golden,
        path: data,
    }
    write_files(contents)
    return path
