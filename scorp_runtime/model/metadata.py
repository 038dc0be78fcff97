"""What a model says of itself: the metadata inside the `.onnx` file."""

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, NoReturn

from scorp_runtime.errors import ModelError, short_repr
from scorp_runtime.sampling.knobs import Knob
from scorp_runtime.sampling.labels import ALL, ANY
from scorp_runtime.sampling.style_prior import SCORES, ClassPrior

FORMAT = "1"
"""The version of the model format that this package reads and writes."""

_LARGEST = 1 << 18  # characters of a field: the styles of six hundred classes
_KNOB_NAME = re.compile(r"[a-z][a-z0-9_]*")
_SHA256 = re.compile(r"[0-9a-f]{64}")
# Class names are words of the label grammar, names of folders and cells of a CSV file.
_CLASS_NAME = re.compile(r"[^\s,\-./\\:*?\"<>|\x00-\x1f]+")
_LONGEST_CLASS_NAME = 200  # bytes: a folder bears it, with a suffix while it is made
# Knobs are passed by keyword and written as columns, beside these.
_NO_KNOB_NAMES = frozenset(
    {"labels", "count", "seed", "start", "writer", "out", "batch_size", "classes", "length", "size", "self"}
    | {"presentation", "effects", "invert", "text", "layout"}
    | {"file_name", "image", "label", "class", "index"}
)


def is_class_name(name: str) -> bool:
    """Whether a class may have that name: printable, a word of the label grammar but not `all`, not a path."""
    return (
        _CLASS_NAME.fullmatch(name) is not None
        and name != ALL
        and name.isprintable()
        and len(name.encode()) <= _LONGEST_CLASS_NAME
    )


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """The metadata of a model. `docs/model-format.md`, section 2, tells what each field means."""

    name: str
    version: str
    classes: tuple[str, ...]
    knobs: tuple[Knob, ...]
    natural: Mapping[str, ClassPrior] = field(repr=False)
    exact: bool
    architecture: str
    macs: int
    dataset: Mapping[str, Any] = field(repr=False)
    licence: str
    recipe: Mapping[str, Any] = field(repr=False)
    scores: Mapping[str, float] = field(repr=False)
    weights_sha256: str

    @classmethod
    def from_metadata(cls, metadata: Mapping[str, str]) -> "ModelInfo":
        """Read and check the metadata of a model file; unknown keys are ignored.

        Raises:
            ModelError: naming the key that is missing or wrong.
        """
        found = _text(metadata, "scorp_format")
        if found != FORMAT:
            _refuse("scorp_format", f"is {short_repr(found)}; this package reads {FORMAT!r}")
        classes = _classes(_json(metadata, "classes"))
        knobs = _knobs(_json(metadata, "knobs"))
        return cls(
            name=_line(metadata, "name"),
            version=_line(metadata, "version"),
            classes=classes,
            knobs=knobs,
            natural=_natural(_json(metadata, "natural"), classes, knobs),
            exact=_choice(metadata, "exact", {"true": True, "false": False}),
            architecture=_line(metadata, "architecture"),
            macs=_whole(metadata, "macs"),
            dataset=_mapping(metadata, "dataset"),
            licence=_line(metadata, "licence"),
            recipe=_mapping(metadata, "recipe"),
            scores=_scores(_mapping(metadata, "scores")),
            weights_sha256=_matching(metadata, "weights_sha256", _SHA256),
        )

    def to_metadata(self) -> dict[str, str]:
        """Return the metadata as the model file holds it.

        Raises:
            ModelError: if a field is such that `from_metadata` would refuse it.
        """
        metadata = {
            "scorp_format": FORMAT,
            "name": self.name,
            "version": self.version,
            "classes": _dump(self.classes),
            "knobs": _dump([_knob_object(knob) for knob in self.knobs]),
            "natural": _dump({name: _natural_object(natural) for name, natural in self.natural.items()}),
            "exact": "true" if self.exact else "false",
            "architecture": self.architecture,
            "macs": str(self.macs),
            "dataset": _dump(dict(self.dataset)),
            "licence": self.licence,
            "recipe": _dump(dict(self.recipe)),
            "scores": _dump(dict(self.scores)),
            "weights_sha256": self.weights_sha256,
        }
        self.from_metadata(metadata)
        return metadata


def _refuse(key: str, complaint: str) -> NoReturn:
    raise ModelError(f"metadata {key!r} {complaint}")


def _text(metadata: Mapping[str, str], key: str) -> str:
    text = metadata.get(key, "")
    if not text.strip():
        _refuse(key, "is missing")
    if len(text) > _LARGEST:
        _refuse(key, f"has more than {_LARGEST} characters")
    return text


def _line(metadata: Mapping[str, str], key: str) -> str:
    text = _text(metadata, key)
    if not text.isprintable():  # a terminal would obey it
        _refuse(key, f"is not one line of printable text: {short_repr(text)}")
    return text


def _choice(metadata: Mapping[str, str], key: str, choices: Mapping[str, bool]) -> bool:
    text = _text(metadata, key)
    if text not in choices:
        _refuse(key, f"is {short_repr(text)}, not one of {', '.join(choices)}")
    return choices[text]


def _whole(metadata: Mapping[str, str], key: str) -> int:
    return int(_matching(metadata, key, re.compile(r"[0-9]{1,18}")))


def _matching(metadata: Mapping[str, str], key: str, pattern: re.Pattern[str]) -> str:
    text = _text(metadata, key)
    if not pattern.fullmatch(text):
        _refuse(key, f"is malformed: {short_repr(text)}")
    return text


def _json(metadata: Mapping[str, str], key: str) -> Any:
    try:
        document = json.loads(_text(metadata, key), parse_constant=_no_constant)
        written = json.dumps(document, ensure_ascii=False)  # in which line feeds and the like are escaped
    except (ValueError, RecursionError):
        _refuse(key, "is no JSON")
    if not written.isprintable():
        _refuse(key, "holds characters that cannot be printed")
    return document


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")  # NaN and the infinities, which only Python would read


def _mapping(metadata: Mapping[str, str], key: str) -> dict[str, Any]:
    value = _json(metadata, key)
    if not isinstance(value, dict):
        _refuse(key, "is no object")
    return value


def _classes(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not value:
        _refuse("classes", "is no list of names")
    for name in value:
        if not isinstance(name, str) or not is_class_name(name):
            _refuse("classes", f"holds {short_repr(name)}, which cannot name a class")
    if len(set(value)) < len(value):
        _refuse("classes", "names a class twice")
    if ANY in value and len(value) > 1:
        _refuse("classes", f"holds {ANY!r}, which is the one class of a model that has no others")
    return tuple(value)


def _knobs(value: Any) -> tuple[Knob, ...]:
    if not isinstance(value, list):
        _refuse("knobs", "is no list")
    knobs = tuple(_knob(item) for item in value)
    if len({knob.name for knob in knobs}) < len(knobs):
        _refuse("knobs", "names a knob twice")
    return knobs


def _knob(value: Any) -> Knob:
    if not isinstance(value, dict) or not {"name", "unit", "low", "high", "step"} <= value.keys():
        _refuse("knobs", "holds an object without name, unit, low, high or step")
    name, unit = value["name"], value["unit"]
    if not isinstance(name, str) or not _KNOB_NAME.fullmatch(name) or name in _NO_KNOB_NAMES:
        _refuse("knobs", f"holds {short_repr(name)}, which cannot name a knob")
    if not isinstance(unit, str) or not unit.isprintable():
        _refuse("knobs", f"gives {name!r} no unit")
    low, high, step = _numbers([value["low"], value["high"], value["step"]], "knobs", 3)
    if not low < high:
        _refuse("knobs", f"gives {name!r} the empty range {low:g}..{high:g}")
    if step <= 0 or math.frexp(step)[0] != 0.5:
        _refuse("knobs", f"gives {name!r} the step {step:g}, which is no power of two")
    if low % step or high % step or max(abs(low), abs(high)) / step >= 2**24:
        _refuse("knobs", f"gives {name!r} a range that is not on its grid")
    return Knob(name, unit, low, high, step)


def _natural(value: Any, classes: Sequence[str], knobs: Sequence[Knob]) -> dict[str, ClassPrior]:
    if not isinstance(value, dict):
        _refuse("natural", "is no object")
    if missing := [name for name in classes if name not in value]:
        _refuse("natural", f"lacks class {missing[0]!r}")
    return {name: _natural_of(value[name], name, len(knobs)) for name in classes}


def _natural_of(value: Any, name: str, size: int) -> ClassPrior:
    key = f"natural of {name}"
    if not isinstance(value, dict):
        _refuse(key, "is no object")
    correlation = _matrix(value.get("correlation"), key, size, size)
    quantiles = _matrix(value.get("quantiles"), key, size, len(SCORES))
    for row in range(size):
        for column in range(row + 1):
            entry = correlation[row][column]
            if entry != correlation[column][row] or abs(entry) > 1 or (row == column and entry != 1):
                _refuse(key, "has a correlation that is no correlation matrix")
    if any(right < left for row in quantiles for left, right in pairwise(row)):
        _refuse(key, "has decreasing quantiles")
    return ClassPrior(correlation, quantiles)


def _matrix(value: Any, key: str, rows: int, columns: int) -> tuple[tuple[float, ...], ...]:
    if not isinstance(value, list) or len(value) != rows:
        _refuse(key, f"has no {rows} x {columns} matrix where one is due")
    return tuple(tuple(_numbers(row, key, columns)) for row in value)


def _numbers(value: Any, key: str, length: int) -> list[float]:
    if not isinstance(value, list) or len(value) != length:
        _refuse(key, f"has no row of {length} numbers where one is due")
    return [_number(item, key) for item in value]


def _number(value: Any, key: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not -1e300 < value < 1e300:
        _refuse(key, f"holds {short_repr(str(value))} where a finite number is due")
    return float(value)


def _scores(value: Mapping[str, Any]) -> dict[str, float]:
    return {name: _number(score, "scores") for name, score in value.items()}


def _knob_object(knob: Knob) -> dict[str, object]:
    return {"name": knob.name, "unit": knob.unit, "low": knob.low, "high": knob.high, "step": knob.step}


def _natural_object(natural: ClassPrior) -> dict[str, object]:
    return {"correlation": natural.correlation, "quantiles": natural.quantiles}


def _dump(value: object) -> str:
    try:
        return json.dumps(value, ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise ModelError(f"metadata cannot be written as JSON: {error}") from None
