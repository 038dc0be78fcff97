"""Fidelity: are the pictures right, and do they look like real ones?"""

import numpy as np
from numpy.typing import NDArray

from scorp_train.judge import alphabets
from scorp_train.measures.frechet import frechet_distance, kernel_distance
from scorp_train.measures.neighbours import manifold_scores
from scorp_train.measures.similarity import mean_squared_error, nearest_of_class, ssim
from scorp_train.measures.specks import has_specks

from .measured_images import Collection
from .metric import Better, Measure, Section, compare, scaled
from .real_images import Real
from .sample_sizes import Plan
from .sources import Pictures

# The noise is about 3.5 standard deviations among samples of 10,000 training digits of MNIST.
MEASURES: tuple[Measure, ...] = (
    Measure(
        "label_accuracy",
        "Label accuracy",
        Better.HIGHER,
        "Share that the judge reads as labelled. Alone it means nothing: ten class means score 1.",
        noise=0.002,
    ),
    Measure(
        "confidence",
        "Judge's confidence",
        Better.LIKE_REAL,
        "Mean probability of the class read. Above real means too canonical, below means unclear.",
        noise=0.001,
    ),
    Measure(
        "frechet_distance",
        "Frechet distance",
        Better.LOWER,
        "Between Gaussians of the judge's features, against the test digits. Not Inception-FID.",
        noise=0.28,
        falls=1,
    ),
    Measure(
        "kernel_distance",
        "Kernel distance (KID)",
        Better.LOWER,
        "Cubic-kernel maximum mean discrepancy of the judge's features, unbiased.",
        noise=0.005,
    ),
    Measure(
        "precision",
        "Precision",
        Better.HIGHER,
        "Share inside the manifold of real digits, k = 5.",
        noise=0.015,
    ),
    Measure(
        "density",
        "Density",
        Better.LIKE_REAL,
        "How many real neighbourhoods hold a picture. Above real: it crowds where digits are typical.",
        noise=0.04,
    ),
    Measure(
        "specks",
        "Pictures with specks",
        Better.LOWER,
        "Share with a visible bit of ink of up to three pixels apart from the strokes.",
        noise=0.004,
    ),
    Measure(
        "nearest_ssim",
        "SSIM to the nearest real digit",
        Better.LIKE_REAL,
        "Paired with the nearest test digit of the class. Unpaired SSIM would mean nothing.",
        noise=0.01,
    ),
    Measure(
        "nearest_mse",
        "Error to the nearest real digit",
        Better.LIKE_REAL,
        "Mean squared error of the same pairs, grey values in 0 to 1. Below real: too typical; above: strange.",
        noise=0.001,
    ),
)
ALPHABETS = tuple(
    Measure(
        f"{name}_accuracy",
        f"Label accuracy, {name}s",
        Better.HIGHER,
        f"Share of {name}s that the judge reads as labelled when it may answer with {name}s only.",
        noise=0.002,
    )
    for name in alphabets.ALPHABETS
)
PAIRED = (
    Measure("paired_ssim", "SSIM to the original", Better.HIGHER, "Of reconstructions and their originals."),
    Measure(
        "paired_mse", "Error to the original", Better.LOWER, "Mean squared error, grey values in 0 to 1."
    ),
)

_COLUMNS = 12


def measure_fidelity(sample: Collection, real: Real, plan: Plan, seed: int) -> dict[str, float]:
    """The figures of one sample against the test digits."""
    size = min(
        plan.neighbours, len(sample), len(real.test)
    )  # equal: coverage depends on how many try to cover
    few, few_real = sample.some(size, seed), real.test.some(size, seed)
    scores = manifold_scores(few_real.reading.features, few.reading.features)
    pairs = sample.some(plan.pairs, seed)
    nearest = nearest_of_class(pairs.images, pairs.labels, real.test.images, real.test.labels)
    return {
        "label_accuracy": float((sample.reading.labels == sample.labels).mean()),
        **alphabets.alphabet_accuracies(sample.reading, sample.labels, real.dataset.classes),
        "confidence": float(sample.reading.confidence.mean(dtype=np.float64)),
        "frechet_distance": frechet_distance(sample.reading.features, real.test.reading.features),
        "kernel_distance": kernel_distance(few.reading.features, few_real.reading.features),
        "precision": scores.precision,
        "density": scores.density,
        "specks": float(has_specks(sample.images).mean()),
        "nearest_ssim": float(np.nanmean(nearest.ssim)),
        "nearest_mse": float(np.nanmean(nearest.mse)),
        # Reported under diversity; measured here, where the neighbours are at hand.
        "recall": scores.recall,
        "coverage": scores.coverage,
    }


def fidelity_section(
    values: dict[str, float],
    real_values: list[dict[str, float]],
    sample: Collection,
    pictures: Pictures,
    real: Real,
) -> Section:
    """The chapter, from the figures of the sample and of real samples."""
    notes = []
    measures = MEASURES
    if alphabets.alphabet_members(real.dataset.classes):
        measures = (MEASURES[0], *ALPHABETS, *MEASURES[1:])
    if pictures.labels is None:
        measures = MEASURES[1:]
        notes.append(
            "The pictures have no labels: the judge's reading stands in, and accuracy is not measured."
        )
    figures = compare(scaled(measures, len(sample)), values, real_values)
    if pictures.originals is not None:
        paired = {
            "paired_ssim": float(ssim(pictures.images, pictures.originals).mean()),
            "paired_mse": float(mean_squared_error(pictures.images, pictures.originals).mean()),
        }
        figures += compare(PAIRED, paired)
    return Section(
        "fidelity",
        "Fidelity",
        figures,
        pictures={
            "sheet_generated": _sheet(sample, real),
            "sheet_real": _sheet(real.test, real),
            "misread": _misread(sample),
        },
        notes=tuple(notes),
    )


def _sheet(sample: Collection, real: Real) -> NDArray[np.uint8]:
    """A row of pictures for each class: uint8 (K, columns, 28, 28), blank where there are none."""
    sheet = np.zeros((len(real.dataset.classes), _COLUMNS, *sample.images.shape[1:]), np.uint8)
    for label, row in enumerate(sheet):
        images = sample.images[sample.labels == label][:_COLUMNS]
        row[: len(images)] = images
    return sheet


def _misread(sample: Collection) -> NDArray[np.uint8]:
    """Pictures read otherwise than labelled, the surest first: uint8 (rows, columns, 28, 28)."""
    wrong = np.flatnonzero(sample.reading.labels != sample.labels)
    wrong = wrong[np.argsort(-sample.reading.confidence[wrong], kind="stable")][: 2 * _COLUMNS]
    rows = np.zeros((-(-len(wrong) // _COLUMNS) * _COLUMNS, *sample.images.shape[1:]), np.uint8)
    rows[: len(wrong)] = sample.images[wrong]
    return rows.reshape(-1, _COLUMNS, *sample.images.shape[1:])
