"""Fidelity: whether the images are correct and look like real ones."""

import numpy as np
from numpy.typing import NDArray

from scorp_train.judge.lookalikes import has_lookalikes, lookalike_accuracy
from scorp_train.measures.frechet import frechet_distance, kernel_distance
from scorp_train.measures.neighbours import manifold_scores
from scorp_train.measures.similarity import mean_squared_error, nearest_of_class, ssim
from scorp_train.measures.specks import has_specks

from .measured_images import MeasuredImages, RealImages
from .metric import Section, compare, metric_infos, scaled
from .sample_sizes import SampleSizes
from .sources import SourceImages

_COLUMNS = 12


def measure_fidelity(
    sample: MeasuredImages, real: RealImages, sizes: SampleSizes, seed: int
) -> dict[str, float]:
    """Return the metrics of one sample against the test images."""
    # Equal numbers, because coverage depends on how many images could cover a real one.
    size = min(sizes.neighbours, len(sample), len(real.test))
    few, few_real = sample.sample(size, seed), real.test.sample(size, seed)
    scores = manifold_scores(few_real.reading.features, few.reading.features)
    pairs = sample.sample(sizes.pairs, seed)
    nearest = nearest_of_class(pairs.images, pairs.labels, real.test.images, real.test.labels)
    similar, originals = pairs.images[nearest >= 0], real.test.images[nearest[nearest >= 0]]
    return {
        "label_accuracy": float((sample.reading.labels == sample.labels).mean()),
        **lookalike_accuracy(sample.reading.labels, sample.labels, real.dataset.classes),
        "confidence": float(sample.reading.confidence.mean(dtype=np.float64)),
        "frechet_distance": frechet_distance(sample.reading.features, real.test.reading.features),
        "kernel_distance": kernel_distance(few.reading.features, few_real.reading.features),
        "precision": scores.precision,
        "density": scores.density,
        "specks": float(has_specks(sample.images).mean()),
        "nearest_ssim": float(ssim(similar, originals).mean()),
        "nearest_mse": float(mean_squared_error(similar, originals).mean()),
        # Metrics of diversity that need the same neighbours.
        "recall": scores.recall,
        "coverage": scores.coverage,
    }


def fidelity_section(
    values: dict[str, float],
    real_values: list[dict[str, float]],
    sample: MeasuredImages,
    source: SourceImages,
    real: RealImages,
) -> Section:
    """Return the section, from the metrics of the sample and of real samples."""
    notes, skipped = [], set() if has_lookalikes(real.dataset.classes) else {"lookalike_accuracy"}
    if source.labels is None:
        skipped = {"label_accuracy", "lookalike_accuracy"}
        notes.append("The images have no labels: the judge's reading replaces them, without label accuracy.")
    infos = [info for info in metric_infos("fidelity") if info.name not in skipped]
    metrics = compare(scaled(infos, len(sample)), values, real_values)
    if source.originals is not None:
        paired = {
            "paired_ssim": float(ssim(source.images, source.originals).mean()),
            "paired_mse": float(mean_squared_error(source.images, source.originals).mean()),
        }
        metrics += compare(metric_infos("paired"), paired)
    sheets = {
        "sheet_generated": _sheet(sample, real),
        "sheet_real": _sheet(real.test, real),
        "misread": _misread(sample),
    }
    return Section("fidelity", "Fidelity", metrics, images=sheets, notes=tuple(notes))


def _sheet(sample: MeasuredImages, real: RealImages) -> NDArray[np.uint8]:
    """Return a row of images for each class: uint8 (K, columns, 28, 28), blank where there are none."""
    sheet = np.zeros((len(real.dataset.classes), _COLUMNS, *sample.images.shape[1:]), np.uint8)
    for label, row in enumerate(sheet):
        images = sample.images[sample.labels == label][:_COLUMNS]
        row[: len(images)] = images
    return sheet


def _misread(sample: MeasuredImages) -> NDArray[np.uint8]:
    """Return images not read as labelled, the most confident first: uint8 (rows, columns, 28, 28)."""
    wrong = np.flatnonzero(sample.reading.labels != sample.labels)
    wrong = wrong[np.argsort(-sample.reading.confidence[wrong], kind="stable")][: 2 * _COLUMNS]
    rows = np.zeros((-(-len(wrong) // _COLUMNS) * _COLUMNS, *sample.images.shape[1:]), np.uint8)
    rows[: len(wrong)] = sample.images[wrong]
    return rows.reshape(-1, _COLUMNS, *sample.images.shape[1:])
