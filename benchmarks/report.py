"""Benchmark results as Markdown."""

from collections.abc import Iterator, Mapping
from typing import Any

from promises import PROMISES


def markdown(document: Mapping[str, Any]) -> str:
    """Return the machine, the promises, and all figures by measurement."""
    machine = table(("what", "value"), document["machine"].items())
    promises = promise_table(document["figures"])
    lines = ["# Benchmarks", "", *machine, "", "## Promises", "", *promises]
    for name, figures in document["figures"].items():
        lines += ["", f"## {name.capitalize()}", "", *table(("figure", "value"), flat(figures))]
    return "\n".join(lines) + "\n"


def promise_table(figures: Mapping[str, Any]) -> list[str]:
    """Return a row per promise that was measured: value, bound, and whether it was kept."""
    rows = []
    for promise in PROMISES:
        value = promise.value(figures)
        if value is not None:
            bound = f"{'>=' if promise.at_least else '<='} {promise.bound:g}"
            verdict = "kept" if promise.kept(value) else "**missed**"
            rows.append((promise.what, f"{value:.3g}", bound, verdict))
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


def row(*cells: object) -> str:
    """Return a row of a Markdown table."""
    texts = (f"{cell:.4g}" if isinstance(cell, float) else str(cell) for cell in cells)
    return f"| {' | '.join(texts)} |"
