"""The report as a table of text."""

from collections.abc import Mapping
from typing import Any

_MARK = {"as real": "=", "short of real": "!", "no baseline": " ", "not measured": "-"}


def format_number(value: float | None) -> str:
    """Four significant digits, no exponent for what people compare; a dash for nothing."""
    if value is None:
        return "-"
    if value != 0 and abs(value) < 1e-3:
        return f"{value:.1e}"
    return f"{value:.4g}" if abs(value) < 1e4 else f"{value:,.0f}"


def format_spread(value: float | None) -> str:
    """Two significant digits: nobody knows a chance better."""
    return "-" if value is None else f"{value:.2g}"


def format_table(report: Mapping[str, Any]) -> str:
    """The diagnostics and figures of a report's fields, a line each; `=` as real, `!` short of real."""
    source, settings, summary = report["source"], report["settings"], report["summary"]
    lines = [
        f"{source['name']}: {settings['count']:,} pictures against {settings['data']}, seed {settings['seed']}",
        f"judge: reads {settings['judge_accuracy']:.2%} of the test digits right"
        if settings["judge_accuracy"]
        else "judge: of unknown accuracy",
        "",
        f"Diagnostics: {summary['diagnostics_passed']} of {summary['diagnostics']} passed",
    ]
    lines += [
        f"  {'ok  ' if check['passed'] else 'FAIL'} {check['title']:<24} {check['detail']}"
        for check in report["diagnostics"].values()
    ]
    for section in report["sections"]:
        figures = {k: f for k, f in report["figures"].items() if f["section"] == section["name"]}
        if not figures:
            continue
        lines += ["", f"{section['title']:<43}{'value':>10}{'real':>10}{'±':>9}"]
        for name, figure in figures.items():
            numbers = f"{format_number(figure['value']):>10}{format_number(figure['real']):>10}"
            spread = format_spread(figure["spread"]) if figure["real"] is not None else ""
            lines.append(
                f"{_MARK[figure['verdict']]} {name:<41}{numbers}{spread:>9}  {figure['unit']}".rstrip()
            )
        lines += [f"  {note}" for note in section["notes"]]
    lines += [
        "",
        f"{summary['as_real']} of {summary['compared']} figures as real (=); the others fall short (!)",
    ]
    return "\n".join(lines)
