"""One run in, one released model out: `<name>.onnx`, its card `<name>.md` and `<name>.golden.json`."""

import json
import platform
import tempfile
from importlib.metadata import version
from pathlib import Path
from typing import Any

import onnx

from scorp_runtime import Generator, onnx_file
from scorp_runtime.atomic import whole_file
from scorp_runtime.contract import weights_sha256
from scorp_runtime.golden import make_golden
from scorp_runtime.model_info import ModelInfo
from scorp_train.data import Dataset, load_dataset
from scorp_train.errors import ExportError
from scorp_train.export.card import write_card
from scorp_train.export.gate import pass_gate
from scorp_train.export.graph import multiply_adds, trace
from scorp_train.models.model import Model
from scorp_train.natural_styles import NaturalStyles, natural_styles
from scorp_train.run import RunFolder
from scorp_train.scores import Scorer
from scorp_train.trainer import Trainer

SCORED = 10_000


def export_run(run: RunFolder, folder: Path, name: str | None = None, model_version: str = "0.1.0") -> Path:
    """Exports the moving average of a finished run; returns the path of the model file.

    Raises `ExportError` when the run is unfinished or the gate refuses; then nothing is written.
    """
    plan = run.plan()
    dataset = load_dataset(plan.training.data)
    styles = natural_styles(dataset)
    trainer = Trainer(plan, dataset, styles, run)
    if trainer.step < trainer.task.steps:
        raise ExportError(
            f"{run.path} is at step {trainer.step} of {trainer.task.steps}; train it to its end first"
        )
    name = name or plan.training.name
    recipe = {
        "command": plan.command(),
        "options": plan.to_json(),
        "steps": trainer.step,
        "versions": {
            "python": platform.python_version(),
            **{package: version(package) for package in ("scorp-train", "scorp-runtime", "torch")},
        },
    }
    return export_model(trainer.model, trainer.step, dataset, styles, folder, name, model_version, recipe)


def export_model(
    model: Model,
    step: int,
    dataset: Dataset,
    styles: NaturalStyles,
    folder: Path,
    name: str,
    model_version: str,
    recipe: dict[str, Any],
) -> Path:
    """Exports a model as it is after `step` steps, if it passes the gate."""
    picture = model.picture(step).cpu()
    graph = trace(picture, model.latent, len(styles.knobs))
    info = ModelInfo(
        name=name,
        version=model_version,
        classes=dataset.classes,
        knobs=styles.knobs,
        natural=styles.natural,
        exact=model.exact(step),
        architecture=model.architecture,
        macs=multiply_adds(picture, model.latent, len(styles.knobs)),
        dataset={
            "name": dataset.name,
            "images": len(dataset.train),
            "licence": dataset.licence,
            "sha256": dataset.sha256,
        },
        # Weights learned from a work are offered under that work's licence, the more careful reading.
        licence=dataset.licence,
        recipe=recipe,
        scores=Scorer(dataset, styles, model.latent, SCORED).score(picture),
        weights_sha256=weights_sha256(onnx_file.parse(graph.SerializeToString()).initialisers),
    )
    onnx.helper.set_model_props(graph, info.to_metadata())
    data = graph.SerializeToString()
    proof = pass_gate(data, picture, info.exact)
    return _write(folder, info, data, write_card(info, len(data), proof))


def _write(folder: Path, info: ModelInfo, data: bytes, card: str) -> Path:
    """The model last: whoever finds it finds a card and a golden file that belong to it."""
    with tempfile.TemporaryDirectory() as scratch:
        draft = Path(scratch) / f"{info.name}.onnx"
        draft.write_bytes(data)
        golden = json.dumps(make_golden(Generator(draft)), indent=1) + "\n"
    path = folder / f"{info.name}.onnx"
    contents = {
        path.with_suffix(".md"): card.encode(),
        path.with_suffix(".golden.json"): golden.encode(),
        path: data,
    }
    for target, content in contents.items():
        with whole_file(target) as stream:
            stream.write(content)
    return path
