"""A run of the benchmarks as Markdown; the documentation shows the table of promises."""

from collections.abc import Iterator, Mapping
from typing import Any

from bars import BARS


def markdown(document: Mapping[str, Any]) -> str:
    """The machine, the bars that could be judged, and all figures by measurement."""
    machine = table(("what", "value"), document["machine"].items())
    promises = promise_table(document["figures"])
    lines = ["# Benchmarks", "", *machine, "", "## Promises", "", *promises]
    for name, figures in document["figures"].items():
        lines += ["", f"## {name.capitalize()}", "", *table(("figure", "value"), flat(figures))]
    return "\n".join(lines) + "\n"


def promise_table(figures: Mapping[str, Any]) -> list[str]:
    """A row per bar that the figures tell of: what was measured, what was promised, and whether that was kept."""
    rows = []
    for bar in BARS:
        value = bar.value(figures)
        if value is not None:
            bound = f"{'>=' if bar.at_least else '<='} {bar.bound:g}"
            rows.append((bar.what, f"{value:.3g}", bound, "kept" if bar.kept(value) else "**missed**"))
    return table(("ratio", "measured", "promised", ""), rows)


def table(head: tuple[str, ...], rows: Any) -> list[str]:
    body = [f"| {' | '.join(map(str, row))} |" for row in rows]
    return [f"| {' | '.join(head)} |", "| --- " * len(head) + "|", *body]


def flat(figures: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for name, value in figures.items():
        title = f"{prefix}{name.replace('_', ' ')}"
        if isinstance(value, Mapping):
            yield from flat(value, f"{title}, ")
        else:
            yield title, f"{value:.4g}" if isinstance(value, float) and value < 1000 else f"{value:,.0f}"
