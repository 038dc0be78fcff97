"""A comparison as Markdown, as JSON, and in pictures."""

import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from scorp_runtime.files.atomic import write_files
from scorp_train.files import make_folder
from scorp_train.training.plotting import Figure, FigureCanvasAgg

from .comparison import Result
from .table import format_number
from .verdict import Finding, findings, summary

# The figures of the table, by aspect; the rest is in the JSON.
ROWS: Mapping[str, tuple[str, ...]] = {
    "Fidelity": ("label_accuracy", "frechet_distance", "precision", "nearest_ssim", "specks"),
    "Diversity": ("recall", "coverage", "intra_class_ssim", "close_siblings", "class_entropy"),
    "Robustness": ("corrupted_accuracy", "nudge_ssim"),
    "Realism": ("two_sample_auc", "two_sample_neighbour"),
    "Use": ("use_all",),
}
# Figures that say nothing of a model of some classes only: there is nothing to tell apart.
_OF_ALL_CLASSES = ("use_all", "class_entropy")
_CHART = ("frechet_distance", "recall", "corrupted_accuracy", "two_sample_auc", "use_all")
_SHEETS = "sheet"


@dataclass(frozen=True)
class Comparison:
    """What was measured, with which settings, by which command."""

    results: tuple[Result, ...]
    settings: Mapping[str, object]
    command: str


def write_comparison(folder: Path, comparison: Comparison) -> None:
    """Writes `comparison.md`, `comparison.json` and the pictures, each whole or not at all. Raises `OutputError`."""
    make_folder(folder)
    files = {f"{_SHEETS}-{result.title}.png": result.sheet for result in comparison.results}
    files["figures.png"] = _chart(comparison.results)
    files["comparison.json"] = (json.dumps(_fields(comparison), indent=1, allow_nan=False) + "\n").encode()
    files["comparison.md"] = (format_comparison(comparison) + "\n").encode()
    write_files({folder / name: content for name, content in files.items()})


def format_comparison(comparison: Comparison) -> str:
    """The report in Markdown."""
    return "\n".join(_lines(comparison))


def _lines(comparison: Comparison) -> Iterator[str]:
    results, settings = comparison.results, comparison.settings
    found = findings([result.entry() for result in results])
    yield f"# {len(results)} models compared"
    yield ""
    yield f"{settings['count']:,} pictures each of seed {settings['seed']}, against {settings['data']}, all read by the"
    yield f"judge `{settings['judge']}`. Made by `{comparison.command}`."
    yield ""
    yield "## Verdict: GAN against VAE"
    yield ""
    yield from summary(found)
    yield ""
    yield from (f"- **{finding.aspect}**: {finding.reason}." for finding in found)
    yield ""
    yield "## Figures"
    yield ""
    yield from _figures(results)
    yield ""
    yield "![The key figures, model by model; the line is real handwriting](figures.png)"
    yield ""
    yield from _notes(results)
    yield ""
    yield "## Costs"
    yield ""
    yield from _costs(results)
    yield ""
    yield from _stability(results)
    yield "## Pictures"
    for result in results:
        yield ""
        yield f"`{result.title}`: {result.info['architecture']}. Trained by `{result.info['command']}`."
        yield ""
        yield f"![Pictures of {result.title}]({_SHEETS}-{result.title}.png)"


def _figures(results: Sequence[Result]) -> Iterator[str]:
    yield f"| figure | better | {' | '.join(result.title for result in results)} | real |"
    yield f"| --- | --- |{' --- |' * (len(results) + 1)}"
    reference = next((result for result in results if not result.info["partial"]), results[0])
    for aspect, names in ROWS.items():
        yield f"| **{aspect}** |{' |' * (len(results) + 2)}"
        for name in names:
            known = [each.fields["figures"][name] for each in results if name in each.fields["figures"]]
            if not known:
                continue
            real = reference.fields["figures"].get(name, known[0])["real"]
            cells = " | ".join(format_number(_value(result, name)) for result in results)
            yield f"| {known[0]['title']} | {known[0]['better']} | {cells} | {format_number(real)} |"


def _value(result: Result, name: str) -> float | None:
    if result.info["partial"] and name in _OF_ALL_CLASSES:
        return None
    value: float | None = result.fields["figures"].get(name, {"value": None})["value"]
    return value


def _notes(results: Sequence[Result]) -> Iterator[str]:
    for result in results:
        if result.info["partial"]:
            classes = ", ".join(result.info["classes"])
            yield (
                f"`{result.title}` draws {classes} alone and is held against real pictures of {classes} alone: its "
                "figures stand beside another baseline than the one shown, and beside no other model's. "
                f"(Frechet distance {_beside(result, 'frechet_distance')}; recall {_beside(result, 'recall')}.)"
            )
        elif not result.fields["source"]["labelled"]:
            yield f"`{result.title}` cannot be told what to draw: the judge's reading stands in for labels."
        if paired := result.info["paired"]:
            yield (
                f"`{result.title}` redraws test pictures with an SSIM of {format_number(paired['paired_ssim'])} and a "
                f"mean squared error of {format_number(paired['paired_mse'])}, each paired with its original."
            )


def _beside(result: Result, name: str) -> str:
    figure = result.fields["figures"][name]
    return f"{format_number(figure['value'])}, real {format_number(figure['real'])}"


def _costs(results: Sequence[Result]) -> Iterator[str]:
    yield "| model | bytes | multiply-adds | pictures per second | pictures trained on | minutes of training |"
    yield "| --- | --- | --- | --- | --- | --- |"
    for result in results:
        costs = result.costs
        seen = "-" if costs.seen is None else f"{costs.seen:,}"
        minutes = "-" if costs.minutes is None else f"{costs.minutes:.1f}"
        yield f"| {result.title} | {costs.size:,} | {costs.macs:,} | {costs.speed:,.0f} | {seen} | {minutes} |"
    yield ""
    yield "Speed is that of one thread; minutes are those that the training's own log has. Both are of the machines and"
    yield "loads that they were measured on; minutes are known only of models that still lie in their run folders."


def _stability(results: Sequence[Result]) -> Iterator[str]:
    rows = [(result, result.stability) for result in results if result.stability is not None]
    if not rows:
        return
    yield "## Convergence stability"
    yield ""
    yield "| model | seeds | epochs | final Frechet distance, mean | deviation | collapsed |"
    yield "| --- | --- | --- | --- | --- | --- |"
    for result, stability in rows:
        yield (
            f"| {result.title} | {stability.seeds} | {stability.epochs} | {format_number(stability.mean)} | "
            f"{stability.deviation:.0%} | {stability.collapsed} |"
        )
    yield ""
    yield "Short trainings that differ by their seed alone, scored on 1,000 pictures; the deviation is a share of the"
    yield "mean. One is collapsed whose recall is below 0.05 at its end."
    yield ""


def _fields(comparison: Comparison) -> dict[str, Any]:
    found: Sequence[Finding] = findings([result.entry() for result in comparison.results])
    return {
        "settings": dict(comparison.settings),
        "command": comparison.command,
        "verdict": {"summary": list(summary(found)), "findings": [asdict(finding) for finding in found]},
        "models": {
            result.title: {
                "info": dict(result.info),
                "figures": result.fields["figures"],
                "costs": asdict(result.costs),
                "stability": None if result.stability is None else asdict(result.stability),
            }
            for result in comparison.results
        },
    }


def _chart(results: Sequence[Result]) -> bytes:
    """A panel for each key figure: a bar for each model, and real handwriting as a line."""
    figure = Figure(figsize=(2.6 * len(_CHART), 0.4 * len(results) + 1.2), layout="constrained")
    FigureCanvasAgg(figure)
    shown = [result for result in results if not result.info["partial"]] or list(results)
    titles = [result.title for result in shown][::-1]
    for axis, name in zip(
        figure.subplots(1, len(_CHART), sharey=True, squeeze=False)[0], _CHART, strict=True
    ):
        known = shown[0].fields["figures"][name]
        axis.barh(titles, [_value(result, name) or 0.0 for result in shown][::-1], color="#1f5fa8")
        axis.axvline(known["real"], color="#d98324")
        axis.set_title(f"{known['title']}\n({known['better']})", fontsize=8)
        axis.tick_params(labelsize=8)
        axis.spines[["top", "right"]].set_visible(False)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=110, metadata={"Software": None})
    return buffer.getvalue()
