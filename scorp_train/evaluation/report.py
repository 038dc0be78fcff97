"""Measure everything and put it in order."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from scorp_train.data import Dataset, Split
from scorp_train.judge import Judge

from . import diversity, fidelity, generator_checks, human_results, memorisation, realism, robustness, use
from .diagnostics import check_pictures
from .measured_images import Collection, collect
from .metric import Section
from .real_images import Real, read_real
from .sample_sizes import Plan
from .sources import Pictures


@dataclass(frozen=True)
class Report:
    """All sections, and what they were measured on."""

    source: Mapping[str, object]
    settings: Mapping[str, object]
    sections: tuple[Section, ...]
    sample: Collection
    real: Real


def evaluate(
    pictures: Pictures, dataset: Dataset, judge: Judge, plan: Plan, seed: int, tell: Callable[[str], None]
) -> Report:
    """Measure pictures against a data set; the same arguments give the same report. `tell` gets a line per stage."""
    tell(f"reading {len(pictures.images):,} pictures and {dataset.name}")
    sample = collect(pictures.images, pictures.labels, judge)
    real = read_real(dataset, judge, plan, len(sample), seed)
    sections = [_diagnostics(pictures, sample, dataset, seed)]
    tell("fidelity and diversity")
    sections += _distribution(pictures, sample, real, plan, seed)
    tell("robustness")
    sections.append(robustness.robustness_section(sample, real, plan, seed))
    tell("realism")
    sections.append(realism.realism_section(sample, real, plan, seed))
    tell("memorisation")
    sections.append(memorisation.memorisation_section(sample, real, plan, seed))
    if pictures.generator is not None:
        tell("control")
        sections.append(generator_checks.generator_section(pictures.generator, judge, plan, seed))
    tell("use")
    sections.append(use.use_section(_further(pictures, judge), real, plan, seed))
    settings = _settings(dataset, judge, len(sample), seed)
    return Report(_source(pictures), settings, tuple(sections), sample, real)


def figure_names(plan: Plan) -> frozenset[str]:
    """Every figure that a report may hold, whatever the source."""
    measures = (
        *fidelity.MEASURES,
        *fidelity.ALPHABETS,
        *fidelity.PAIRED,
        *diversity.MEASURES,
        *robustness.MEASURES,
        *realism.MEASURES,
        *memorisation.MEASURES,
        *generator_checks.knob_measures(),
        *use.use_measures(plan.use_shots),
        use.CAPITALS,
        *human_results.MEASURES,
    )
    return frozenset(measure.name for measure in measures)


def _diagnostics(pictures: Pictures, sample: Collection, dataset: Dataset, seed: int) -> Section:
    checks = check_pictures(pictures.images, sample.labels, dataset.classes, pictures.asked)
    if pictures.generator is not None:
        checks += generator_checks.check_generator(pictures.generator, seed)
    return Section("diagnostics", "Diagnostics", checks=checks)


def _distribution(pictures: Pictures, sample: Collection, real: Real, plan: Plan, seed: int) -> list[Section]:
    """Fidelity and diversity, whose baselines are the same measures on the real samples."""
    closeness = diversity.sibling_closeness(real.samples[0], plan, seed)

    def measure(some: Collection) -> dict[str, float]:
        figures = fidelity.measure_fidelity(some, real, plan, seed)
        return figures | diversity.measure_diversity(some, real, plan, seed, closeness)

    values, real_values = measure(sample), [measure(some) for some in real.samples]
    return [
        fidelity.fidelity_section(values, real_values, sample, pictures, real),
        diversity.diversity_section(values, real_values, sample, real),
    ]


def _further(pictures: Pictures, judge: Judge) -> Split:
    """Pictures to train on; where they have no labels, the judge gives them."""
    labels = pictures.further_labels
    if labels is None:
        labels = judge.read(pictures.further_images).labels
    return Split(pictures.further_images, labels)


def _source(pictures: Pictures) -> dict[str, object]:
    source: dict[str, object] = {"name": pictures.name, "labelled": pictures.labels is not None}
    if pictures.generator is not None:
        info = pictures.generator.info
        source |= {
            "version": info.version,
            "sha256": pictures.generator.model_sha256,
            "macs": info.macs,
            "exact": info.exact,
            "architecture": info.architecture,
        }
    return source


def _settings(dataset: Dataset, judge: Judge, count: int, seed: int) -> dict[str, object]:
    return {
        "data": dataset.name,
        "judge": judge.name,
        "judge_accuracy": judge.card.get("accuracy"),
        "count": count,
        "seed": seed,
    }
