"""Measure everything, section by section."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from scorp_train.data import Dataset, Split
from scorp_train.judge import Judge

from . import diversity, fidelity, generator_checks, memorisation, realism, robustness, use
from .diagnostics import check_images
from .measured_images import MeasuredImages, RealImages, measure_images, measure_real
from .metric import Section, metric_infos
from .sample_sizes import SampleSizes
from .sources import SourceImages


@dataclass(frozen=True)
class Report:
    """All sections, and what they were measured on."""

    source: Mapping[str, object]
    settings: Mapping[str, object]
    sections: tuple[Section, ...]
    sample: MeasuredImages
    real: RealImages


def evaluate(
    source: SourceImages,
    dataset: Dataset,
    judge: Judge,
    sizes: SampleSizes,
    seed: int,
    log: Callable[[str], None],
) -> Report:
    """Compare images with a dataset. The same arguments give the same report; `log` gets a line per stage."""
    log(f"reading {len(source.images):,} images and {dataset.name}")
    sample = measure_images(source.images, source.labels, judge)
    real = measure_real(dataset, judge, sizes, len(sample), seed)
    sections = [_diagnostics(source, sample, dataset, seed)]
    log("fidelity and diversity")
    sections += _fidelity_and_diversity(source, sample, real, sizes, seed)
    log("robustness")
    sections.append(robustness.robustness_section(sample, real, sizes, seed))
    log("realism")
    sections.append(realism.realism_section(sample, real, sizes, seed))
    log("memorisation")
    sections.append(memorisation.memorisation_section(sample, real, sizes, seed))
    if source.generator is not None:
        log("control")
        sections.append(generator_checks.generator_section(source.generator, judge, sizes, seed))
    log("use")
    sections.append(use.use_section(_training_split(source, judge), real, sizes, seed))
    settings = {
        "data": dataset.name,
        "judge": judge.name,
        "judge_accuracy": judge.card.get("accuracy"),
        "count": len(sample),
        "seed": seed,
    }
    return Report(_describe(source), settings, tuple(sections), sample, real)


def metric_names(sizes: SampleSizes) -> frozenset[str]:
    """Return the names of all metrics that a report may contain."""
    sections = ("fidelity", "diversity", "paired", "realism", "memorisation", "people")
    infos = [info for section in sections for info in metric_infos(section)]
    infos += [*robustness.METRICS, *generator_checks.all_metrics(), *use.use_metrics(sizes.use_shots)]
    return frozenset(info.name for info in infos)


def _diagnostics(source: SourceImages, sample: MeasuredImages, dataset: Dataset, seed: int) -> Section:
    checks = check_images(source.images, sample.labels, dataset.classes, source.requested)
    if source.generator is not None:
        checks += generator_checks.check_generator(source.generator, seed)
    return Section("diagnostics", "Diagnostics", checks=checks)


def _fidelity_and_diversity(
    source: SourceImages, sample: MeasuredImages, real: RealImages, sizes: SampleSizes, seed: int
) -> list[Section]:
    """Return the sections whose baselines are the same metrics of the real samples."""
    closeness = diversity.sibling_closeness(real.samples[0], sizes, seed)

    def measure(images: MeasuredImages) -> dict[str, float]:
        metrics = fidelity.measure_fidelity(images, real, sizes, seed)
        return metrics | diversity.measure_diversity(images, real, sizes, seed, closeness)

    values, real_values = measure(sample), [measure(images) for images in real.samples]
    return [
        fidelity.fidelity_section(values, real_values, sample, source, real),
        diversity.diversity_section(values, real_values, sample, real),
    ]


def _training_split(source: SourceImages, judge: Judge) -> Split:
    """Return the images to train on; without labels, the judge's reading replaces them."""
    labels = source.training_labels
    return Split(
        source.training_images, judge.read(source.training_images).labels if labels is None else labels
    )


def _describe(source: SourceImages) -> dict[str, object]:
    fields: dict[str, object] = {"name": source.name, "labelled": source.labels is not None}
    if source.generator is not None:
        info = source.generator.info
        fields |= {
            "version": info.version,
            "sha256": source.generator.model_sha256,
            "macs": info.macs,
            "exact": info.exact,
            "architecture": info.architecture,
        }
    return fields
