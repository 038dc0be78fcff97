"""GAN against VAE, in words that follow from the figures.

Each aspect has one key figure. A model's shortfall in it is how much worse than real digits it is, or how much it
costs; the GAN and the VAE with the least shortfall of their kind meet. They are level if they differ by no more than
chance: the spread of a figure, and a share of a cost. `docs/family.md` states the rules.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .table import format_number

GAN, VAE = "GAN", "VAE"
# By the model's registered name. The default learns from both, and a single class is another task: neither counts.
KINDS = {"dense": GAN, "digit-generator": GAN, "mlp": GAN, "scorp": GAN, "vae": VAE}


@dataclass(frozen=True)
class Entry:
    """What the verdict knows of a model: its name, its kind (None counts for neither) and its values by figure."""

    name: str
    kind: str | None
    figures: Mapping[str, Mapping[str, Any]]
    costs: Mapping[str, float | None]


@dataclass(frozen=True)
class Aspect:
    """An aspect, its key figure or cost, and whether more of a cost is better; `level` is a share of a cost."""

    name: str
    key: str
    unit: str
    more_is_better: bool = False
    level: float = 0.0


MEASURED = (
    Aspect("fidelity", "frechet_distance", "Frechet distance"),
    Aspect("diversity", "recall", "recall"),
    Aspect("robustness", "corrupted_accuracy", "accuracy under corruptions"),
    Aspect("realism", "two_sample_auc", "told apart by a CNN, AUC"),
    Aspect("use", "use_all", "accuracy of a classifier trained on it"),
)
COSTS = (
    Aspect("size", "size", "bytes", level=0.1),
    Aspect("speed", "speed", "pictures per second", more_is_better=True, level=0.1),
    Aspect("training cost", "minutes", "minutes", level=0.1),
    Aspect("stability", "deviation", "deviation over seeds", level=0.25),
)


@dataclass(frozen=True)
class Finding:
    """Who is ahead in an aspect: `GAN`, `VAE`, or None if they are level; `reason` is one sentence."""

    aspect: str
    ahead: str | None
    reason: str


def findings(entries: Sequence[Entry]) -> tuple[Finding, ...]:
    """A finding for each aspect of which both a GAN and a VAE have the figure."""
    compared = [(aspect, _shortfall, _value) for aspect in MEASURED] + [
        (aspect, _cost, _costs_value) for aspect in COSTS
    ]
    found = (_finding(aspect, entries, shortfall, value) for aspect, shortfall, value in compared)
    return tuple(finding for finding in found if finding is not None)


def summary(found: Sequence[Finding]) -> Iterator[str]:
    """The verdict in sentences."""
    if not found:
        yield "There is no GAN and VAE here of which the same figures are known, so there is no verdict."
        return
    ahead = {
        kind: [finding.aspect for finding in found if finding.ahead == kind] for kind in (GAN, VAE, None)
    }
    for kind, other in ((VAE, GAN), (GAN, VAE)):
        if ahead[kind]:
            yield f"The best {kind} is ahead of the best {other} in {_listed(ahead[kind])}."
    if ahead[None]:
        yield f"They are level in {_listed(ahead[None])}."
    qualities = {aspect.name for aspect in MEASURED}
    counts = {kind: len(qualities.intersection(ahead[kind])) for kind in (GAN, VAE)}
    total = len(qualities.intersection(finding.aspect for finding in found))
    if counts[GAN] == counts[VAE]:
        yield f"Of the {total} qualities of the pictures, each wins {counts[GAN]}: neither kind makes better ones."
    else:
        kind = max(counts, key=lambda kind: counts[kind])
        yield f"Of the {total} qualities of the pictures, the {kind} wins {counts[kind]}: it makes better ones here."


def _finding(
    aspect: Aspect,
    entries: Sequence[Entry],
    shortfall: Callable[[Aspect, Entry], tuple[float, float] | None],
    value: Callable[[Aspect, Entry], str],
) -> Finding | None:
    best: dict[str, tuple[float, float, Entry]] = {}
    for entry in entries:
        found = shortfall(aspect, entry)
        if entry.kind is None or found is None:
            continue
        if entry.kind not in best or found[0] < best[entry.kind][0]:
            best[entry.kind] = (*found, entry)
    if best.keys() != {GAN, VAE}:
        return None
    (gan, gan_margin, gan_entry), (vae, vae_margin, vae_entry) = best[GAN], best[VAE]
    ahead = None if abs(gan - vae) <= max(gan_margin, vae_margin) else GAN if gan < vae else VAE
    words = {GAN: "the GAN is ahead", VAE: "the VAE is ahead", None: "level"}[ahead]
    return Finding(
        aspect.name,
        ahead,
        f"{words}: {aspect.unit} {value(aspect, gan_entry)} of `{gan_entry.name}` (the best GAN), "
        f"{value(aspect, vae_entry)} of `{vae_entry.name}` (the best VAE)",
    )


def _shortfall(aspect: Aspect, entry: Entry) -> tuple[float, float] | None:
    """How much worse than real, at least 0, and what is chance."""
    figure = entry.figures.get(aspect.key)
    if figure is None or figure["value"] is None or figure["real"] is None:
        return None
    gap = figure["value"] - figure["real"]
    short = {"higher": -gap, "lower": gap, "like real": abs(gap)}[figure["better"]]
    return max(0.0, short), figure["spread"] or 0.0


def _value(aspect: Aspect, entry: Entry) -> str:
    figure = entry.figures[aspect.key]
    return f"{format_number(figure['value'])} (real {format_number(figure['real'])})"


def _cost(aspect: Aspect, entry: Entry) -> tuple[float, float] | None:
    value = entry.costs.get(aspect.key)
    if value is None:
        return None
    return -value if aspect.more_is_better else value, aspect.level * abs(value)


def _costs_value(aspect: Aspect, entry: Entry) -> str:
    return format_number(entry.costs[aspect.key])


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
