"""What a model costs: bytes, multiply-adds, time to draw, and what its training took."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scorp_runtime import Generator
from scorp_runtime.cli.timing import digits_per_second
from scorp_train.training.run_folder import RunFolder


@dataclass(frozen=True)
class Costs:
    """`speed` is in pictures per second on one thread; `seen` counts pictures that training steps were made of.

    `minutes` are those of the training as its log has them, on the machine it ran on; None without a log.
    """

    size: int
    macs: int
    speed: float
    seen: int | None
    minutes: float | None


def measure_costs(generator: Generator, run: RunFolder | None, seconds: float) -> Costs:
    """The costs of a model; its speed is the best of about so many seconds, `run` the folder that it came from."""
    return Costs(
        size=len(generator.model_file.read()),
        macs=generator.info.macs,
        speed=digits_per_second(generator, seconds),
        seen=_seen(generator.info.recipe),
        minutes=None if run is None else training_minutes(run),
    )


def run_of(generator: Generator) -> RunFolder | None:
    """The run folder that a model file lies in, if it is one of this model."""
    if generator.model_file.bundled:
        return None
    run = RunFolder(Path(generator.model_file.place).parent)
    same = run.has_options() and run.plan().to_json() == generator.info.recipe.get("options")
    return run if same else None


def training_minutes(run: RunFolder) -> float:
    """The time of all logged steps; exporting and scoring are not in it."""
    per_step = run.plan().training.images_per_step
    groups = [line for line in run.statistics() if line["kind"] == "group"]
    seconds: float = sum(line["steps"] * per_step / max(line["images_per_second"], 1) for line in groups)
    return seconds / 60


def _seen(recipe: Any) -> int | None:
    try:
        training = recipe["options"]["training"]
        return int(recipe["steps"]) * int(training["batch"]) * int(training.get("processes", 1))
    except (KeyError, TypeError, ValueError):
        return None
