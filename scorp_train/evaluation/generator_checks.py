"""What only a SCORP model can be asked: its addresses, its exactness, its knobs, its answer to a nudge of the noise."""

from itertools import product
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from scipy import stats

from scorp_runtime import Generator
from scorp_runtime.model import onnx_reader, validation
from scorp_runtime.sampling.philox import Purpose, normals
from scorp_runtime.sampling.style_prior import SCORES
from scorp_train.errors import ExportError
from scorp_train.export.exactness import prove
from scorp_train.export.gate import LEVELS, open_session
from scorp_train.judge import Judge
from scorp_train.measures.similarity import ssim
from scorp_train.measures.style import STYLE_NAMES, measure_styles

from .metric import Better, Check, Measure, Section, compare
from .sample_sizes import Plan

_REGENERATED = 96
_PROOF = 512
_NUDGES = (0.02, 0.05, 0.1, 0.2, 0.5)
_SETTINGS = 9
_ENDS = (-2.326, 2.326)  # normal scores of 1 % and 99 %
_TOLERANCE = {
    "thickness": ("px", 0.25),
    "slant": ("degrees", 1.5),
    "width": ("px", 0.75),
    "height": ("px", 0.75),
}
_NUDGE = Measure(
    "nudge_ssim",
    "Likeness after a nudge of the noise",
    Better.HIGHER,
    "SSIM of pictures before and after a change of 0.1 standard deviations in every number of the noise.",
)


def knob_measures() -> tuple[Measure, ...]:
    """The figures of every knob that can be measured, and of the noise."""
    return (*(measure for name in STYLE_NAMES for measure in _knob_measures(name)), _NUDGE)


def check_generator(generator: Generator, seed: int) -> tuple[Check, ...]:
    """Addresses that regenerate, and exactness where the model claims it."""
    checks = [_regenerates(generator, seed)]
    if generator.info.exact:
        checks.append(_exact(generator, seed))
    return tuple(checks)


def _regenerates(generator: Generator, seed: int) -> Check:
    """The same pictures as one batch, one by one from their own addresses, and from a fresh generator."""
    labels = np.arange(_REGENERATED) % len(generator.classes)
    whole = generator.generate(labels, seed=seed).images
    # One label as a sequence: a class position, not a text that might name another class.
    single = [generator.generate(labels[i : i + 1], seed=seed, start=i).images for i in range(_REGENERATED)]
    again = Generator(generator.model_file.place).generate(labels[7:], seed=seed, start=7).images
    same = bool((np.concatenate(single) == whole).all() and (again == whole[7:]).all())
    return Check(
        "regenerates",
        "Addresses regenerate",
        same,
        f"{_REGENERATED} addresses, one by one and from the middle",
    )


def _exact(generator: Generator, seed: int) -> Check:
    """Proved from the file, and seen: equal pixels at every optimisation level, in several batches, on two threads."""
    data = generator.model_file.read()
    try:
        proof = prove(onnx_reader.parse(data))
    except ExportError as error:
        return Check("exact", "Exact as claimed", False, str(error))
    noise, labels, styles = _inputs(generator, _PROOF, seed)
    first = _run(open_session(data, LEVELS[-1], 1), noise, labels, styles, 64)
    ways = different = 0
    for level, threads in product(LEVELS, (1, 2)):
        session = open_session(data, level, threads)
        for size in (1, 7, 64, 256):
            few = 64 if size == 1 else _PROOF
            images = _run(session, noise[:few], labels[:few], styles[:few], size)
            ways += 1
            different += not np.array_equal(images, first[:few])
    return Check(
        "exact",
        "Exact as claimed",
        not different,
        f"proved with {proof.share:.0%} of the room; {ways} ways to run it, {different} with other pixels",
    )


def generator_section(generator: Generator, judge: Judge, plan: Plan, seed: int) -> Section:
    """Knobs against measured styles, and stability under small changes of the noise."""
    positions = _judge_positions(generator, judge)
    measures: list[Measure] = []
    values: dict[str, float] = {}
    knobs: dict[str, object] = {}
    strips: dict[str, NDArray[np.uint8]] = {}
    for knob in generator.knobs:
        if knob.name not in STYLE_NAMES:
            continue
        turned, knobs[knob.name], strips[f"knob_{knob.name}"] = _knob(
            generator, knob.name, judge, positions, plan, seed
        )
        measures += _knob_measures(knob.name)
        values |= turned
    measures.append(_NUDGE)
    stability = _stability(generator, judge, positions, plan, seed)
    values["nudge_ssim"] = stability["ssim"][_NUDGES.index(0.1)]
    details = {"knobs": knobs, "nudges": list(_NUDGES), "stability": stability}
    return Section("control", "Control", compare(measures, values), details=details, pictures=strips)


def _knob_measures(name: str) -> list[Measure]:
    unit, tolerance = _TOLERANCE[name]
    return [
        Measure(
            f"{name}_error",
            f"{name.capitalize()}: error",
            Better.LOWER,
            f"Mean distance between the {name} asked for and measured, over the natural 1 to 99 % of the class; "
            f"up to {tolerance:g} {unit} is good.",
            unit,
        ),
        Measure(
            f"{name}_rank",
            f"{name.capitalize()}: rank correlation",
            Better.HIGHER,
            "Spearman, asked against measured.",
        ),
        Measure(
            f"{name}_accuracy",
            f"{name.capitalize()}: accuracy at the ends",
            Better.HIGHER,
            "Read as labelled at both ends.",
        ),
    ]


def _knob(
    generator: Generator, name: str, judge: Judge, positions: NDArray[np.int64], plan: Plan, seed: int
) -> tuple[dict[str, float], dict[str, object], NDArray[np.uint8]]:
    """Turn one knob from end to end of the natural range of each class the judge can read, the others left open."""
    read = np.flatnonzero(positions >= 0)
    labels = read[np.arange(plan.knob_pictures) % len(read)]
    column = [knob.name for knob in generator.knobs].index(name)
    low, high = _natural_ends(generator, column)[labels].T
    asked, measured, right, strip = [], [], [], []
    for share in np.linspace(0, 1, _SETTINGS):
        styles: dict[str, Any] = {name: low + share * (high - low)}
        batch = generator.generate(labels, seed=seed, **styles)
        asked.append(batch.styles[:, column])
        measured.append(measure_styles(batch.images)[:, STYLE_NAMES.index(name)])
        right.append(float((judge.read(batch.images).labels == positions[labels]).mean()))
        strip.append(batch.images[: len(read)])
    target, found = np.concatenate(asked), np.concatenate(measured)
    drawn = ~np.isnan(found)
    values = {
        f"{name}_error": float(np.abs(target - found)[drawn].mean()),
        f"{name}_rank": float(stats.spearmanr(target[drawn], found[drawn]).statistic),
        f"{name}_accuracy": min(right[0], right[-1]),
    }
    details: dict[str, object] = {
        "asked": [float(part.mean()) for part in asked],
        "measured": [float(np.nanmean(part)) for part in measured],
        "deviation": [float(np.nanstd(got - due)) for got, due in zip(measured, asked, strict=True)],
        "accuracy": right,
    }
    return values, details, np.stack(strip, 1)


def _natural_ends(generator: Generator, column: int) -> NDArray[np.float64]:
    """The 1st and the 99th percentile of a knob for each class: float64 (K, 2), within the knob's own range."""
    info, knob = generator.info, generator.knobs[column]
    rows = [np.interp(_ENDS, SCORES, info.natural[name].quantiles[column]) for name in generator.classes]
    return np.clip(np.array(rows), knob.low, knob.high)


def _stability(
    generator: Generator, judge: Judge, positions: NDArray[np.int64], plan: Plan, seed: int
) -> dict[str, list[float]]:
    """Likeness to the unmoved picture and share read the same, by the size of the nudge."""
    noise, labels, styles = _inputs(generator, plan.knob_pictures, seed)
    direction = normals(seed, Purpose.NOISE, 2**63, len(noise), noise.shape[1])
    session = open_session(generator.model_file.read(), LEVELS[-1], 1)
    before = _run(session, noise, labels, styles, 64)
    read = judge.read(before).labels
    alike, same = [], []
    for nudge in _NUDGES:
        after = _run(session, noise + np.float32(nudge) * direction, labels, styles, 64)
        alike.append(float(ssim(before, after).mean()))
        same.append(float((judge.read(after).labels == read).mean()))
    return {"ssim": alike, "same_class": same}


def _judge_positions(generator: Generator, judge: Judge) -> NDArray[np.int64]:
    """Class position of the model -> of the judge; -1 where the judge has none of that name."""
    return np.array(
        [judge.classes.index(c) if c in judge.classes else -1 for c in generator.classes], np.int64
    )


def _inputs(
    generator: Generator, count: int, seed: int
) -> tuple[NDArray[np.float32], NDArray[np.int64], NDArray[np.float32]]:
    """The network's inputs for the first addresses of a seed."""
    batch = generator.generate(np.arange(count) % len(generator.classes), seed=seed)
    size = validation.check(generator.model_file.read()).noise_size
    return normals(seed, Purpose.NOISE, 0, count, size), batch.labels, batch.styles


def _run(
    session: onnxruntime.InferenceSession,
    noise: NDArray[np.float32],
    labels: NDArray[np.int64],
    styles: NDArray[np.float32],
    size: int,
) -> NDArray[np.uint8]:
    parts = []
    for start in range(0, len(labels), size):
        part = slice(start, start + size)
        feed = {"noise": noise[part], "label": labels[part], "style": styles[part]}
        parts.append(session.run(["image"], feed)[0])
    return np.concatenate(parts)
