"""The report as a table of text."""

from collections.abc import Mapping
from typing import Any

from scorp_train.templating import format_number, format_spread

_MARK = {"as real": "=", "short of real": "!", "no baseline": " ", "not measured": "-"}


def format_table(fields: Mapping[str, Any]) -> str:
    """Return the diagnostics and metrics of a report's fields, one per line; `=` as real, `!` short of real."""
    source, settings, summary = fields["source"], fields["settings"], fields["summary"]
    accuracy = settings["judge_accuracy"]
    lines = [
        f"{source['name']}: {settings['count']:,} images against {settings['data']}, seed {settings['seed']}",
        f"judge: {f'{accuracy:.2%} accuracy on the test images' if accuracy else 'unknown accuracy'}",
        "",
        f"Diagnostics: {summary['diagnostics_passed']} of {summary['diagnostics']} passed",
    ]
    lines += [
        f"  {'ok  ' if check['passed'] else 'FAIL'} {check['title']:<24} {check['detail']}"
        for check in fields["diagnostics"].values()
    ]
    for section in fields["sections"]:
        metrics = {k: m for k, m in fields["figures"].items() if m["section"] == section["name"]}
        if not metrics:
            continue
        lines += ["", f"{section['title']:<43}{'value':>10}{'real':>10}{'±':>9}"]
        for name, metric in metrics.items():
            numbers = f"{format_number(metric['value']):>10}{format_number(metric['real']):>10}"
            spread = format_spread(metric["spread"]) if metric["real"] is not None else ""
            line = f"{_MARK[metric['verdict']]} {name:<41}{numbers}{spread:>9}  {metric['unit']}"
            lines.append(line.rstrip())
        lines += [f"  {note}" for note in section["notes"]]
    lines += [
        "",
        f"{summary['as_real']} of {summary['compared']} metrics are as real (=), the others fall short (!)",
    ]
    return "\n".join(lines)
