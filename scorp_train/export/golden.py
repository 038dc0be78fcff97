"""Golden files: checksums of a model's pixels for chosen requests, written beside the model."""

import json
from typing import Any

from scorp_runtime import Generator
from scorp_runtime.inference.golden import FORMAT, pixels_sha256
from scorp_runtime.sampling.philox import SPACE

_MIDDLE = 1 << 63  # of the seeds and indices
_SPAN = 64  # images; a multiple of any batch size that an engine is likely to use


def make_golden(generator: Generator) -> dict[str, Any]:
    """Return the golden file of a model as a JSON object; `docs/reference/model-format.md` describes it."""
    return {
        "format": FORMAT,
        "model": generator.info.name,
        "model_sha256": generator.model_sha256,
        "cases": [{**case, "pixels_sha256": pixels_sha256(generator, case)} for case in _cases(generator)],
    }


def golden_bytes(generator: Generator) -> bytes:
    """Return the content of a model's golden file."""
    return json.dumps(make_golden(generator), indent=1).encode() + b"\n"


def _cases(generator: Generator) -> list[dict[str, Any]]:
    """Return requests for every class, both ends of every knob, batch borders, large seeds and indices, and writers."""
    size = len(generator.classes)
    lows = {knob.name: knob.low for knob in generator.knobs}
    highs = {knob.name: knob.high for knob in generator.knobs}
    ranges = {knob.name: f"{knob.low:.17g}..{knob.high:.17g}" for knob in generator.knobs}
    cases = [
        _case(0, 0, 2 * size + 3),
        _case(1, 5, 2 * _SPAN + 1, None),
        _case(1, 5 + _SPAN, 1, None),
        _case(2, 0, size, list(range(size))[::-1]),
        _case(_MIDDLE + 1, _MIDDLE + 12345, size),
        _case(SPACE - 1, SPACE - size, size, None),
        _case(3, 1 << 53, size, styles=lows),
        _case(3, 1 << 53, size, styles=highs),
        _case(4, 1, 2 * size, styles=ranges),
    ]
    for name in lows:
        cases.append(_case(5, 10, size, styles={name: lows[name]}))
        cases.append(_case(5, 10, size, styles={name: highs[name]}))
        cases.append(_case(6, 20, size, styles={name: ranges[name]}))
        cases.append(_case(7, 30, size, styles={name: ranges[name]}, writer=str(_MIDDLE)))
    cases.append(_case(8, 0, 2 * size, writer="0"))
    cases.append(_case(SPACE - 1, SPACE - size, size, None, writer=str(SPACE - 1)))
    return cases


def _case(seed: int, start: int, count: int, labels: object = "all", **other: object) -> dict[str, Any]:
    case = {"seed": str(seed), "start": str(start), "count": count, "labels": labels}
    return {**case, "styles": {}, "writer": None, **other}
