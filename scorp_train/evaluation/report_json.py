"""A report as plain values: the content of `report.json`, from which the table and the page are made."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from .metric import Metric, Section, Verdict
from .report import Report

FORMAT = 1
_DIGITS = 6  # significant digits; further ones depend on the order of sums


def report_fields(report: Report) -> dict[str, Any]:
    """Return the report for JSON: without times and paths, numbers to six digits, null for missing ones."""
    fields: dict[str, Any] = {
        "format": FORMAT,
        "source": _plain(report.source),
        "settings": _plain(report.settings),
        "summary": {},
        "diagnostics": {},
        "figures": {},
        "sections": [],
        "details": {},
    }
    for section in report.sections:
        fields = with_section(fields, section)
    return fields


def with_section(fields: Mapping[str, Any], section: Section) -> dict[str, Any]:
    """Return the fields with a section added, replacing one of the same name."""
    name = section.name
    metrics = {key: metric for key, metric in fields["figures"].items() if metric["section"] != name}
    metrics |= {metric.info.name: _metric(metric, name) for metric in section.metrics}
    checks = {check.name: asdict(check) for check in section.checks}
    for check in checks.values():
        del check["name"]
    sections = [other for other in fields["sections"] if other["name"] != name]
    diagnostics = fields["diagnostics"] | checks
    return {
        **fields,
        "summary": _summary(diagnostics, metrics),
        "diagnostics": diagnostics,
        "figures": metrics,
        "sections": [*sections, {"name": name, "title": section.title, "notes": list(section.notes)}],
        "details": fields["details"] | ({name: _plain(section.details)} if section.details else {}),
    }


def _metric(metric: Metric, section: str) -> dict[str, Any]:
    info = metric.info
    return {
        "section": section,
        "title": info.title,
        "value": _plain(metric.value),
        "real": _plain(metric.real),
        "spread": _plain(metric.spread),
        "better": info.better.value,
        "unit": info.unit,
        "meaning": info.meaning,
        "verdict": metric.verdict.value,
    }


def _summary(diagnostics: Mapping[str, Any], metrics: Mapping[str, Any]) -> dict[str, int]:
    verdicts = [metric["verdict"] for metric in metrics.values()]
    as_real = verdicts.count(Verdict.AS_REAL.value)
    return {
        "diagnostics_passed": sum(check["passed"] for check in diagnostics.values()),
        "diagnostics": len(diagnostics),
        "as_real": as_real,
        "compared": as_real + verdicts.count(Verdict.SHORT.value),
    }


def _plain(value: object) -> Any:
    """Return plain JSON values, with numbers to six significant digits."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_plain(item) for item in value]
    if isinstance(value, float | np.floating):
        return float(f"{float(value):.{_DIGITS}g}") if np.isfinite(value) else None
    return value
