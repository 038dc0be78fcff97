"""What a model costs: bytes, multiply-adds, time per image, and its training."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scorp_runtime import Generator
from scorp_runtime.cli.timing import digits_per_second
from scorp_train.errors import UsageError
from scorp_train.training.options import Plan
from scorp_train.training.run_folder import RunFolder


@dataclass(frozen=True)
class Costs:
    """The costs of a model.

    Attributes:
        size: bytes of the file.
        macs: multiply-adds per image.
        speed: images per second on one thread.
        seen: images that training steps used in all; None if unknown.
        minutes: duration of the training, from its log; None without a run folder.
    """

    size: int
    macs: int
    speed: float
    seen: int | None
    minutes: float | None


def measure_costs(generator: Generator, seconds: float) -> Costs:
    """Return the costs of a model, measuring its speed for about `seconds`."""
    run = _run_of(generator)
    return Costs(
        size=len(generator.model_file.read()),
        macs=generator.info.macs,
        speed=digits_per_second(generator, seconds),
        seen=_images_seen(generator.info.recipe),
        minutes=None if run is None else _training_minutes(run),
    )


def _run_of(generator: Generator) -> RunFolder | None:
    """Return the run folder that holds the model file and belongs to this model; None if there is none."""
    if generator.model_file.bundled:
        return None
    run = RunFolder(Path(generator.model_file.place).parent)
    if not run.has_options():
        return None
    try:
        return run if run.plan() == Plan.from_json(generator.info.recipe.get("options", {})) else None
    except UsageError:  # the model has options that this version does not know
        return None


def _training_minutes(run: RunFolder) -> float:
    """Return the time of all logged steps, without scoring and exporting."""
    per_step = run.plan().training.images_per_step
    groups = [line for line in run.statistics() if line["kind"] == "group"]
    seconds: float = sum(line["steps"] * per_step / max(line["images_per_second"], 1) for line in groups)
    return seconds / 60


def _images_seen(recipe: Any) -> int | None:
    try:
        training = recipe["options"]["training"]
        return int(recipe["steps"]) * int(training["batch"]) * int(training.get("processes", 1))
    except (KeyError, TypeError, ValueError):
        return None
