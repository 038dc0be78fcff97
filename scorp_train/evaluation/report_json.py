"""A report as plain values: what `report.json` holds, and what the table and the page are made from."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from .metric import Figure, Section, Verdict
from .report import Report

FORMAT = 1
_DIGITS = 6  # significant digits; what follows is the rounding of sums


def report_fields(report: Report) -> dict[str, Any]:
    """The report for JSON: no clock, no paths, numbers to six digits, null where there is none."""
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
    """The fields with a section added, in place of one of the same name."""
    name = section.name
    figures = {key: figure for key, figure in fields["figures"].items() if figure["section"] != name}
    figures |= {figure.measure.name: _figure(figure, name) for figure in section.figures}
    checks = {
        check.name: {"title": check.title, "passed": check.passed, "detail": check.detail}
        for check in section.checks
    }
    sections = [other for other in fields["sections"] if other["name"] != name]
    sections.append({"name": name, "title": section.title, "notes": list(section.notes)})
    diagnostics = {**fields["diagnostics"], **checks}
    details = {**fields["details"], **({name: _plain(section.details)} if section.details else {})}
    return {
        **fields,
        "summary": _summary(diagnostics, figures),
        "diagnostics": diagnostics,
        "figures": figures,
        "sections": sections,
        "details": details,
    }


def _figure(figure: Figure, section: str) -> dict[str, Any]:
    measure = figure.measure
    return {
        "section": section,
        "title": measure.title,
        "value": _plain(figure.value),
        "real": _plain(figure.real),
        "spread": _plain(figure.spread),
        "better": measure.better.value,
        "unit": measure.unit,
        "meaning": measure.meaning,
        "verdict": figure.verdict.value,
    }


def _summary(diagnostics: Mapping[str, Any], figures: Mapping[str, Any]) -> dict[str, int]:
    verdicts = [figure["verdict"] for figure in figures.values()]
    as_real = verdicts.count(Verdict.AS_REAL.value)
    return {
        "diagnostics_passed": sum(check["passed"] for check in diagnostics.values()),
        "diagnostics": len(diagnostics),
        "as_real": as_real,
        "compared": as_real + verdicts.count(Verdict.SHORT.value),
    }


def _plain(value: object) -> Any:
    """Plain JSON values, numbers to six significant digits."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_plain(item) for item in value]
    if isinstance(value, float | np.floating):
        return float(f"{float(value):.{_DIGITS}g}") if np.isfinite(value) else None
    return value
