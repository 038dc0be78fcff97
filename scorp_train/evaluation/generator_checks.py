"""What only a SCORP model can be tested for: indices, exactness, knobs, and the effect of a nudge of the noise."""

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
from scorp_train.data.class_names import class_indices
from scorp_train.errors import ExportError
from scorp_train.export.exactness import prove
from scorp_train.export.gate import LEVELS, open_session
from scorp_train.judge import Judge
from scorp_train.measures.similarity import ssim
from scorp_train.measures.style import STYLE_NAMES, measure_styles

from .metric import Check, MetricInfo, Section, compare, metric_infos
from .sample_sizes import SampleSizes

_REGENERATED = 96
_PROOF = 512
_NUDGES = (0.02, 0.05, 0.1, 0.2, 0.5)
_SETTINGS = 9
_Inputs = dict[str, NDArray[Any]]  # `noise` float32 (N, Z), `label` int64 (N,) and `style` float32 (N, S)
_ENDS = (-2.326, 2.326)  # normal scores of 1 % and 99 %
_TOLERANCE = {
    "thickness": ("px", 0.25),
    "slant": ("degrees", 1.5),
    "width": ("px", 0.75),
    "height": ("px", 0.75),
}


def all_metrics() -> tuple[MetricInfo, ...]:
    """Return the metrics of every knob that can be measured, and of the noise."""
    return (*(info for name in STYLE_NAMES for info in _knob_metrics(name)), *metric_infos("control"))


def check_generator(generator: Generator, seed: int) -> tuple[Check, ...]:
    """Check that indices regenerate, and that a model is exact if it claims to be."""
    checks = [_regenerates(generator, seed)]
    if generator.info.exact:
        checks.append(_exact(generator, seed))
    return tuple(checks)


def _regenerates(generator: Generator, seed: int) -> Check:
    """Compare images of one batch with those drawn one by one and by a new generator."""
    labels = np.arange(_REGENERATED) % len(generator.classes)
    batch = generator.generate(labels, seed=seed).images
    # A label as a sequence is a class index; as text it might name another class.
    single = [generator.generate(labels[i : i + 1], seed=seed, start=i).images for i in range(_REGENERATED)]
    again = Generator(generator.model_file.place).generate(labels[7:], seed=seed, start=7).images
    same = bool((np.concatenate(single) == batch).all() and (again == batch[7:]).all())
    detail = f"{_REGENERATED} indices, one by one and from the middle"
    return Check("regenerates", "Indices regenerate", same, detail)


def _exact(generator: Generator, seed: int) -> Check:
    """Prove exactness from the file, and compare pixels between optimisation levels, batch sizes and threads."""
    data = generator.model_file.read()
    try:
        proof = prove(onnx_reader.parse(data))
    except ExportError as error:
        return Check("exact", "Exact as claimed", False, str(error))
    inputs = _inputs(generator, _PROOF, seed)
    first = _run(open_session(data, LEVELS[-1], 1), inputs, 64)
    ways = different = 0
    for level, threads in product(LEVELS, (1, 2)):
        session = open_session(data, level, threads)
        for size in (1, 7, 64, 256):
            count = 64 if size == 1 else _PROOF
            images = _run(session, {name: array[:count] for name, array in inputs.items()}, size)
            ways += 1
            different += not np.array_equal(images, first[:count])
    detail = (
        f"proved with {proof.share:.0%} of the range; {different} of {ways} ways to run it differ in pixels"
    )
    return Check("exact", "Exact as claimed", not different, detail)


def generator_section(generator: Generator, judge: Judge, sizes: SampleSizes, seed: int) -> Section:
    """Compare requested with measured styles, and images before and after small changes of the noise."""
    indices = class_indices(generator.classes, judge.classes)
    infos: list[MetricInfo] = []
    values: dict[str, float] = {}
    knobs: dict[str, object] = {}
    strips: dict[str, NDArray[np.uint8]] = {}
    for knob in generator.knobs:
        if knob.name in STYLE_NAMES:
            infos += _knob_metrics(knob.name)
            metrics, knobs[knob.name], strips[f"knob_{knob.name}"] = _vary_knob(
                generator, knob.name, judge, indices, sizes, seed
            )
            values |= metrics
    stability = _stability(generator, judge, sizes, seed)
    values["nudge_ssim"] = stability["ssim"][_NUDGES.index(0.1)]
    details = {"knobs": knobs, "nudges": list(_NUDGES), "stability": stability}
    metrics_of_all = compare([*infos, *metric_infos("control")], values)
    return Section("control", "Control", metrics_of_all, details=details, images=strips)


def _knob_metrics(name: str) -> list[MetricInfo]:
    unit, tolerance = _TOLERANCE[name]
    values = {"knob": name, "title": name.capitalize(), "unit": unit, "tolerance": tolerance}
    return [info.named(f"{name}_{info.name}", **values) for info in metric_infos("knob")]


def _vary_knob(
    generator: Generator, name: str, judge: Judge, indices: NDArray[np.int64], sizes: SampleSizes, seed: int
) -> tuple[dict[str, float], dict[str, object], NDArray[np.uint8]]:
    """Vary one knob over the natural range of each class that the judge knows, with the others at random."""
    known = np.flatnonzero(indices >= 0)
    labels = known[np.arange(sizes.knob_images) % len(known)]
    column = [knob.name for knob in generator.knobs].index(name)
    low, high = _natural_ends(generator, column)[labels].T
    requested, measured, accuracy, strip = [], [], [], []
    for share in np.linspace(0, 1, _SETTINGS):
        styles: dict[str, Any] = {name: low + share * (high - low)}
        batch = generator.generate(labels, seed=seed, **styles)
        requested.append(batch.styles[:, column])
        measured.append(measure_styles(batch.images)[:, STYLE_NAMES.index(name)])
        accuracy.append(judge.accuracy(batch.images, indices[labels]))
        strip.append(batch.images[: len(known)])
    wanted, found = np.concatenate(requested), np.concatenate(measured)
    drawn = ~np.isnan(found)
    values = {
        f"{name}_error": float(np.abs(wanted - found)[drawn].mean()),
        f"{name}_rank": float(stats.spearmanr(wanted[drawn], found[drawn]).statistic),
        f"{name}_accuracy": min(accuracy[0], accuracy[-1]),
    }
    details: dict[str, object] = {
        "asked": [float(part.mean()) for part in requested],
        "measured": [float(np.nanmean(part)) for part in measured],
        "deviation": [float(np.nanstd(m - r)) for m, r in zip(measured, requested, strict=True)],
        "accuracy": accuracy,
    }
    return values, details, np.stack(strip, 1)


def _natural_ends(generator: Generator, column: int) -> NDArray[np.float64]:
    """Return the 1st and 99th percentile of a knob for each class, within its range: float64 (K, 2)."""
    info, knob = generator.info, generator.knobs[column]
    rows = [np.interp(_ENDS, SCORES, info.natural[name].quantiles[column]) for name in generator.classes]
    return np.clip(np.array(rows), knob.low, knob.high)


def _stability(generator: Generator, judge: Judge, sizes: SampleSizes, seed: int) -> dict[str, list[float]]:
    """Return the SSIM to the original image and the share read as the same class, for each nudge of the noise."""
    inputs = _inputs(generator, sizes.knob_images, seed)
    direction = normals(seed, Purpose.NOISE, 2**63, *inputs["noise"].shape)
    session = open_session(generator.model_file.read(), LEVELS[-1], 1)
    before = _run(session, inputs, 64)
    read = judge.read(before).labels
    similarity, same = [], []
    for nudge in _NUDGES:
        nudged = inputs["noise"] + np.float32(nudge) * direction
        after = _run(session, inputs | {"noise": nudged}, 64)
        similarity.append(float(ssim(before, after).mean()))
        same.append(judge.accuracy(after, read))
    return {"ssim": similarity, "same_class": same}


def _inputs(generator: Generator, count: int, seed: int) -> _Inputs:
    """Return the network's inputs for the first indices of a seed."""
    batch = generator.generate(np.arange(count) % len(generator.classes), seed=seed)
    size = validation.check(generator.model_file.read()).noise_size
    noise = normals(seed, Purpose.NOISE, 0, count, size)
    return {"noise": noise, "label": batch.labels, "style": batch.styles}


def _run(session: onnxruntime.InferenceSession, inputs: _Inputs, size: int) -> NDArray[np.uint8]:
    """Run the network in batches of `size`."""
    parts = [
        session.run(["image"], {name: array[i : i + size] for name, array in inputs.items()})[0]
        for i in range(0, len(inputs["label"]), size)
    ]
    return np.concatenate(parts)
