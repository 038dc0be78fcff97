"""Convergence stability: how much short trainings differ if only their seed does."""

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean, stdev

from scorp_runtime.errors import ScorpError
from scorp_train.data import DataError
from scorp_train.training.run_folder import RunFolder

SCORE = "frechet_distance"
_COLLAPSED = 0.05  # recall below which a training has collapsed


@dataclass(frozen=True)
class Stability:
    """The final Frechet distance of `seeds` trainings of `epochs` epochs; `deviation` is a share of the mean."""

    seeds: int
    epochs: int
    mean: float
    deviation: float
    collapsed: int


def read_stability(runs: Path) -> dict[str, Stability]:
    """Return the stability of each model from its finished runs; of several recipes, that with the most seeds.

    Raises `DataError` if no model has two runs that differ only by their seed.
    """
    groups: dict[tuple[str, str], list[dict[str, float]]] = defaultdict(list)
    epochs: dict[tuple[str, str], int] = {}
    for folder in sorted(runs.glob("[0-9]*-*")):
        run = RunFolder(folder)
        try:
            plan = run.plan()
        except ScorpError:
            continue  # not a run folder
        options = plan.to_json()
        options["training"].pop("seed")
        options["data"] = run.document().get("data")
        recipe = (plan.training.network, json.dumps(options, sort_keys=True))
        if scores := _final_scores(run):
            groups[recipe].append(scores)
            epochs[recipe] = plan.training.epochs
    found = {
        recipe[0]: _stability(scores, epochs[recipe])
        for recipe, scores in sorted(groups.items(), key=lambda item: len(item[1]))
        if len(scores) > 1
    }
    if not found:
        raise DataError(f"{runs} holds no two finished runs that differ only by their seed")
    return found


def _final_scores(run: RunFolder) -> dict[str, float] | None:
    """Return the scores of the last epoch of an exported run; None for other runs."""
    finished = any(run.path.glob("*.onnx"))
    lines = [line for line in run.statistics() if line["kind"] == "epoch" and SCORE in line["scores"]]
    return lines[-1]["scores"] if finished and lines else None


def _stability(scores: Sequence[dict[str, float]], epochs: int) -> Stability:
    distances = [each[SCORE] for each in scores]
    mean = fmean(distances)
    return Stability(
        seeds=len(scores),
        epochs=epochs,
        mean=mean,
        deviation=stdev(distances) / mean,
        collapsed=sum(each["recall"] < _COLLAPSED for each in scores),
    )
