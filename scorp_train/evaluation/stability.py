"""Convergence stability: how much short trainings differ if only their seed does."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import fmean, stdev

from scorp_runtime.errors import ScorpError
from scorp_train.data import DataError
from scorp_train.training.options import Plan
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
    scores: dict[tuple[Plan, str], list[dict[str, float]]] = defaultdict(list)
    for folder in sorted(runs.glob("[0-9]*-*")):
        run = RunFolder(folder)
        try:
            plan, data = run.plan(), run.document().get("data") or {}
        except ScorpError:
            continue  # not a run folder
        if last := _final_scores(run):
            recipe = replace(plan, training=replace(plan.training, seed=0))
            scores[recipe, data.get("sha256", "")].append(last)
    found = {
        recipe.training.network: _stability(of_seeds, recipe.training.epochs)
        for (recipe, _), of_seeds in sorted(scores.items(), key=lambda item: len(item[1]))
        if len(of_seeds) > 1
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
