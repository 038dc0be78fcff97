"""Convergence stability: how far short trainings of one recipe end apart, when only the seed differs."""

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
# A training that ends with less of the variety of real digits has collapsed.
_RECALL = 0.05


@dataclass(frozen=True)
class Stability:
    """Of `seeds` trainings of `epochs` epochs: mean final Frechet distance, and its standard deviation as a share."""

    seeds: int
    epochs: int
    mean: float
    deviation: float
    collapsed: int


def read_stability(runs: Path) -> dict[str, Stability]:
    """By model, from the finished runs in a folder of run folders; of several recipes or data, the one with most seeds.

    Raises `DataError` when no model has two.
    """
    groups: dict[tuple[str, str], list[dict[str, float]]] = defaultdict(list)
    epochs: dict[tuple[str, str], int] = {}
    for folder in sorted(runs.glob("[0-9]*-*")):
        run = RunFolder(folder)
        try:
            plan = run.plan()
        except ScorpError:
            continue  # something else lies there
        options = plan.to_json()
        options["training"].pop("seed")
        options["data"] = run.document().get("data")
        recipe = (plan.training.model, json.dumps(options, sort_keys=True))
        if scores := _final_scores(run):
            groups[recipe].append(scores)
            epochs[recipe] = plan.training.epochs
    found: dict[str, Stability] = {}
    for recipe, ends in sorted(groups.items(), key=lambda item: len(item[1])):
        if len(ends) > 1:
            found[recipe[0]] = _stability(ends, epochs[recipe])
    if not found:
        raise DataError(f"{runs} holds no two finished runs that differ by their seed alone")
    return found


def _final_scores(run: RunFolder) -> dict[str, float] | None:
    """The scores of the last epoch of a run that has been exported; None of others."""
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
        collapsed=sum(each["recall"] < _RECALL for each in scores),
    )
