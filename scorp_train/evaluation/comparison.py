"""Several models measured alike: same data, same judge, same seed, same numbers of pictures."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from scorp_runtime import Generator
from scorp_train.data import Dataset, Split
from scorp_train.errors import UsageError
from scorp_train.judge import Judge
from scorp_train.training.options import Options
from scorp_train.training.run_folder import RunFolder

from .costs import Costs, measure_costs, run_of
from .plots import sheet_png
from .report import evaluate
from .report_json import report_fields
from .sample_sizes import Plan
from .sources import read_source
from .stability import Stability

SPEED_SECONDS = 3.0


@dataclass(frozen=True)
class Contender:
    """A bundled model or the path of one, and the run folder that it came from if that is known.

    The `title` is unlike those of the others.
    """

    title: str
    source: str
    run: RunFolder | None


@dataclass(frozen=True)
class Result:
    """All that was measured of a model: `fields` of its report, costs, stability, and a sheet of its pictures."""

    title: str
    fields: Mapping[str, Any]
    info: Mapping[str, Any]
    costs: Costs
    stability: Stability | None
    sheet: bytes


def find_contenders(names: Sequence[str]) -> list[Contender]:
    """The models to compare, from files, bundled names and run folders. Raises `ModelError` and `UsageError`."""
    found = [_contender(name) for name in names]
    titles = [contender.title for contender in found]
    return [
        replace(one, title=f"{one.title}-{number}") if titles.count(one.title) > 1 else one
        for number, one in enumerate(found, 1)
    ]


def _contender(name: str) -> Contender:
    path = Path(name)
    if path.is_dir():
        files = sorted(path.glob("*.onnx"))
        if len(files) != 1:
            raise UsageError(f"{name} is no run folder of a finished training: it holds {len(files)} models")
        (path,) = files
    generator = Generator(str(path))
    return Contender(generator.info.name, generator.model_file.place, run_of(generator))


def measure(
    contender: Contender,
    dataset: Dataset,
    judge: Judge,
    plan: Plan,
    count: int,
    seed: int,
    stability: Mapping[str, Stability],
    tell: Callable[[str], None],
) -> Result:
    """Measure one model. A model of some classes of the data is held against these alone, on as many as there are."""
    generator = Generator(contender.source)
    model = registered_name(generator.info.recipe)
    some = _of_classes(dataset, generator.classes)
    if some is not dataset:
        count = min(count, len(some.train) // plan.real_samples, len(some.test))
    pictures = read_source(contender.source, dataset.classes, plan, count, seed, False)
    report = evaluate(pictures, some, judge, plan, seed, lambda stage: tell(f"{contender.title}: {stage}"))
    fields = report_fields(report)
    sheets = {name: sheet for section in report.sections for name, sheet in section.pictures.items()}
    shown = np.unique(report.sample.labels) if some is not dataset else slice(None)
    return Result(
        title=contender.title,
        fields=fields,
        info=_info(generator, model, some is not dataset),
        costs=measure_costs(generator, contender.run, SPEED_SECONDS),
        stability=stability.get(model),
        sheet=sheet_png(sheets["sheet_generated"][shown]),
    )


def _of_classes(dataset: Dataset, classes: Sequence[str]) -> Dataset:
    """The pictures of these classes, under their old labels; all of them if the data set has no others."""
    labels = [label for label, name in enumerate(dataset.classes) if name in classes]
    if not labels or len(labels) == len(dataset.classes):
        return dataset
    train, test = (_with_labels(split, labels) for split in (dataset.train, dataset.test))
    return replace(dataset, train=train, test=test)


def _with_labels(split: Split, labels: Sequence[int]) -> Split:
    kept = np.isin(split.labels, labels)
    return Split(split.images[kept], split.labels[kept])


def registered_name(recipe: Mapping[str, Any]) -> str:
    """The name under which `scorp-train` knows the network; empty if the recipe does not say."""
    training = recipe.get("options", {}).get("training", {})
    # A recipe that keeps silent about it took the default.
    return str(training.get("model", Options.model)) if training else ""


def _info(generator: Generator, model: str, partial: bool) -> dict[str, Any]:
    info = generator.info
    return {
        "model": model,
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
