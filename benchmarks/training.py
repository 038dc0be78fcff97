"""Training speed of the default model: images per second by stage, time by kind of operation, total minutes.

OMP_NUM_THREADS=1 python benchmarks/training.py
"""

import json
import os
import time
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from itertools import accumulate
from typing import Any

import torch
from torch.profiler import profile

from scorp_runtime import Generator
from scorp_runtime.cli.bench import describe_machine
from scorp_train.measures.style import STYLE_NAMES, measure_styles
from scorp_train.models.model_api import Batch, StepRandom, Task
from scorp_train.models.multires.options import MultiresOptions
from scorp_train.models.multires.recipe import PENALTY_EVERY, QUANTISED_SHARE, MultiresGan
from scorp_train.training.options import Options

STEPS = 10_000
IMAGES = 60_000
KINDS = {
    "convolutions": ("convolution",),
    "dense layers": ("addmm", "::mm", "bmm", "linear"),
    "copies and layouts": ("copy_", "cat", "clone", "contiguous", "pad", "fill_", "zero_", "empty"),
    "optimiser": ("adam", "lerp"),
}


def measure() -> dict[str, Any]:
    torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", "1")))
    speeds = {name: speed(replace(MultiresOptions(), precision=name)) for name in ("float32", "auto")}
    machine = describe_machine()
    return {
        "date": datetime.now(UTC).strftime("%Y-%m-%d"),
        "processor": machine["processor"],
        "threads": torch.get_num_threads(),
        "images_per_second": speeds,
        "minutes": minutes(speeds["auto"]),
        "share_of_time": shares(),
    }


def stage_shares(o: MultiresOptions) -> dict[str, float]:
    """Return the shares of the stages in a training, in order."""
    return {
        "codes": o.codes_share,
        "adversarial": 1.0 - o.codes_share - QUANTISED_SHARE,
        "quantised": QUANTISED_SHARE,
    }


def middles(options: MultiresOptions) -> dict[str, int]:
    """Return a step in the middle of each stage."""
    shares = stage_shares(options)
    ends = accumulate(shares.values())
    return {
        name: round(STEPS * (end - share / 2))
        for (name, share), end in zip(shares.items(), ends, strict=True)
    }


def speed(options: MultiresOptions) -> dict[str, float]:
    """Return images per second of each stage, over two periods of the gradient penalty."""
    rates = {}
    for stage, first in middles(options).items():
        model, batch = prepare(options)
        steps = 2 * PENALTY_EVERY
        run(model, batch, first, PENALTY_EVERY)
        started = time.perf_counter()
        run(model, batch, first, steps)
        rates[stage] = round(steps * len(batch.labels) / (time.perf_counter() - started))
    return rates


def minutes(rates: dict[str, float]) -> float:
    """Return the minutes of the released training at these rates, without the evaluation of each epoch."""
    shares = stage_shares(MultiresOptions())
    return sum(IMAGES * Options().epochs * share / rates[stage] for stage, share in shares.items()) / 60


def shares() -> dict[str, dict[str, float]]:
    """Return the shares of kinds of operations in the time of two stages."""
    found = {}
    places = middles(MultiresOptions())
    for stage in ("codes", "adversarial"):
        model, batch = prepare(MultiresOptions())
        run(model, batch, places[stage], 8)
        with profile() as trace:
            run(model, batch, places[stage], 8)
        spent: Counter[str] = Counter()
        for event in trace.key_averages():
            kind = next(
                (kind for kind, words in KINDS.items() if any(w in event.key for w in words)), "other"
            )
            spent[kind] += event.self_cpu_time_total
        found[stage] = {kind: round(time / spent.total(), 3) for kind, time in spent.most_common()}
    return found


def prepare(options: MultiresOptions) -> tuple[MultiresGan, Batch]:
    """Return a new model and a batch of generated digits."""
    generator = Generator()
    drawn = generator.generate("0-9", Options().batch, seed=1)
    measured = [knob for knob in generator.knobs if knob.name in STYLE_NAMES]
    columns = [STYLE_NAMES.index(knob.name) for knob in measured]
    styles = torch.from_numpy(measure_styles(drawn.images)[:, columns])
    means = zip(styles.mean(0), measured, strict=True)
    task = Task(
        classes=generator.classes,
        knobs=tuple(measured),
        style_centre=tuple(round(float(mean) / knob.step) * knob.step for mean, knob in means),
        style_spread=tuple(styles.std(0).tolist()),
        side=generator.image_shape[0],
        steps=STEPS,
    )
    styles = torch.cat([styles, torch.ones(len(styles), 1)], 1)  # the rarity
    torch.manual_seed(0)
    images = torch.from_numpy(drawn.images).unsqueeze(1).float() / 255
    return MultiresGan(task, options), Batch(images, torch.from_numpy(drawn.labels), styles)


def run(model: MultiresGan, batch: Batch, first: int, steps: int) -> None:
    random = StepRandom()
    random.manual_seed(0)
    for step in range(first, first + steps):
        model.train_step(batch, step, random)


if __name__ == "__main__":
    print(json.dumps(measure()))
