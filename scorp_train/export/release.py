"""Exports a finished training as a released model: `<name>.onnx`, `<name>.md` and `<name>.golden.json`."""

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

SCORED = 10_000  # images


def export_model(trainer: Trainer, folder: Path, name: str, model_version: str = "0.1.0") -> Path:
    """Export the model of a finished training and return the path of the model file.

    Raises `ExportError` if the training is unfinished or the gate refuses the model; then nothing is written.
    """
    if not trainer.finished:
        raise ExportError(
            f"{trainer.run.path} is at step {trainer.step} of {trainer.task.steps}; finish the training first"
        )
    generator = trainer.generator(torch.device("cpu"))
    inputs = {
        "noise": torch.zeros(2, trainer.model.latent),
        "label": torch.zeros(2, dtype=torch.int64),
        "style": torch.zeros(2, len(trainer.data.prior.knobs)),
    }
    graph = trace(generator, inputs, ["image"])
    dataset, prior = trainer.data.dataset, trainer.data.prior
    info = ModelInfo(
        name=name,
        version=model_version,
        classes=trainer.task.classes,
        knobs=prior.knobs,
        natural=prior.natural,
        exact=trainer.model.exact(trainer.step),
        architecture=trainer.model.architecture,
        macs=multiply_adds(generator, inputs),
        dataset=_provenance(dataset),
        licence=dataset.licence,  # weights learned from a work are offered under its licence
        recipe=_recipe(trainer),
        scores=_scores(trainer, generator),
        weights_sha256=weights_sha256(onnx_reader.parse(graph.SerializeToString()).initialisers),
    )
    onnx.helper.set_model_props(graph, info.to_metadata())
    data = graph.SerializeToString()
    proof = pass_gate(data, generator, info.exact)
    return _write(folder, info, data, write_card(info, len(data), proof))


def _provenance(dataset: Dataset) -> dict[str, Any]:
    """Return the model file's entry for its training data; variants do not count as images."""
    provenance: dict[str, Any] = {
        "name": dataset.name,
        "images": len(dataset.train) - dataset.variants,
        "licence": dataset.licence,
        "sha256": dataset.sha256,
    }
    optional = {"variants": dataset.variants, "sources": dataset.sources}
    return provenance | {name: value for name, value in optional.items() if value}


def _scores(trainer: Trainer, generator: nn.Module) -> dict[str, float]:
    """Return the scores of the model and, as `real_...`, those of as many real images."""
    scorer = trainer.scorer(SCORED)
    real = {f"{REAL}{name}": value for name, value in scorer.score_real().items()}
    scores = scorer.score(generator) | trainer.reconstruction(SCORED) | real
    for name, value in scores.items():
        if not math.isfinite(value):
            raise ExportError(f"{trainer.run.path}: the score {name} is {value}; the training has diverged")
    return scores


def _recipe(trainer: Trainer) -> dict[str, Any]:
    """Return what made the weights, with all devices and versions that the training used, in order."""
    starts = trainer.run.document().get("starts", [])
    packages = dict.fromkeys(name for start in starts for name in start["versions"])
    return {
        "command": trainer.plan.command(),
        "options": trainer.plan.to_json(),
        "steps": trainer.step,
        "device": _distinct(start["device"] for start in starts),
        "versions": {name: _distinct(start["versions"].get(name) for start in starts) for name in packages},
    }


def _distinct(values: Iterable[str | None]) -> str:
    return ", then ".join(dict.fromkeys(filter(None, values)))


def _write(folder: Path, info: ModelInfo, data: bytes, card: str) -> Path:
    with tempfile.TemporaryDirectory() as scratch:
        draft = Path(scratch) / f"{info.name}.onnx"
        draft.write_bytes(data)
        golden = golden_bytes(Generator(draft))
    make_folder(folder)
    path = folder / f"{info.name}.onnx"
    contents = {path.with_suffix(".md"): card.encode(), path.with_suffix(".golden.json"): golden, path: data}
    write_files(contents)  # the model last, so that its card and golden file are already there
    return path
