"""Several models measured on the same data with the same judge, seed and numbers of images."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from scorp_runtime import Generator
from scorp_runtime.model.bundled import bundled_names
from scorp_train.data import Dataset
from scorp_train.errors import UsageError
from scorp_train.judge import Judge
from scorp_train.training.options import Options

from .costs import Costs, measure_costs
from .plots import sheet_png
from .report import evaluate
from .report_json import report_fields
from .sample_sizes import SampleSizes
from .sources import read_source
from .stability import Stability

SPEED_SECONDS = 3.0


@dataclass(frozen=True)
class Result:
    """What was measured of a model: the fields of its report, costs, stability, and a sheet of its images."""

    title: str
    fields: Mapping[str, Any]
    info: Mapping[str, Any]
    costs: Costs
    stability: Stability | None
    sheet: bytes


def find_models(names: Sequence[str]) -> dict[str, str]:
    """Return the models to compare by unique title, from files, bundled names and run folders.

    Raises `ModelError` or `UsageError`.
    """
    generators = [Generator(_file(name)) for name in names]
    titles = [generator.info.name for generator in generators]
    return {
        f"{title}-{number}" if titles.count(title) > 1 else title: generator.model_file.place
        for number, (title, generator) in enumerate(zip(titles, generators, strict=True), 1)
    }


def _file(name: str) -> str:
    if name in bundled_names() or not Path(name).is_dir():
        return name
    files = sorted(Path(name).glob("*.onnx"))
    if len(files) != 1:
        raise UsageError(f"{name} is not the run folder of a finished training: it holds {len(files)} models")
    return str(files[0])


def measure(
    title: str,
    source: str,
    dataset: Dataset,
    judge: Judge,
    sizes: SampleSizes,
    count: int,
    seed: int,
    stability: Mapping[str, Stability],
    log: Callable[[str], None],
) -> Result:
    """Measure one model. One that lacks classes of the dataset is compared only with real images of its classes."""
    generator = Generator(source)
    network = network_of(generator.info.recipe)
    own = _of_classes(dataset, generator.classes)
    if own is not dataset:
        count = min(count, len(own.train) // sizes.real_samples, len(own.test))
    images = read_source(source, dataset.classes, sizes, count, seed, False)
    report = evaluate(images, own, judge, sizes, seed, lambda stage: log(f"{title}: {stage}"))
    sheets = {name: sheet for section in report.sections for name, sheet in section.images.items()}
    rows = np.unique(report.sample.labels) if own is not dataset else slice(None)
    return Result(
        title=title,
        fields=report_fields(report),
        info=_info(generator, network, own is not dataset),
        costs=measure_costs(generator, SPEED_SECONDS),
        stability=stability.get(network),
        sheet=sheet_png(sheets["sheet_generated"][rows]),
    )


def _of_classes(dataset: Dataset, classes: Sequence[str]) -> Dataset:
    """Return the images of these classes with their labels unchanged, or the same dataset if it has no others."""
    labels = [label for label, name in enumerate(dataset.classes) if name in classes]
    if not labels or len(labels) == len(dataset.classes):
        return dataset
    train, test = (split.take(np.isin(split.labels, labels)) for split in (dataset.train, dataset.test))
    return replace(dataset, train=train, test=test)


def network_of(recipe: Mapping[str, Any]) -> str:
    """Return the name of the network in `scorp-train`; empty if the recipe has none."""
    training = recipe.get("options", {}).get("training", {})
    if not training:
        return ""
    # A recipe may leave out the default, and older ones have the former name of the option.
    return str(training.get("network", training.get("model", Options.network)))


def _info(generator: Generator, network: str, partial: bool) -> dict[str, Any]:
    info = generator.info
    return {
        "model": network,
        "version": info.version,
        "sha256": generator.model_sha256,
        "architecture": info.architecture,
        "classes": list(info.classes),
        "knobs": [knob.name for knob in info.knobs],
        "exact": info.exact,
        "command": info.recipe.get("command"),
        "partial": partial,
        "paired": {name: info.scores[name] for name in ("paired_ssim", "paired_mse") if name in info.scores},
    }
