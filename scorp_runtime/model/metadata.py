"""The metadata inside a model file."""

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from typing import Any, NoReturn

import numpy as np

from scorp_runtime.errors import ModelError, short_repr
from scorp_runtime.sampling.knobs import LINE_FORM, Knob
from scorp_runtime.sampling.labels import ALL, ANY
from scorp_runtime.sampling.style_prior import SCORES, ClassPrior

FORMAT = "1"
"""The version of the model format that this package reads and writes."""

_LONGEST_FIELD = 1 << 18  # characters: enough for the styles of six hundred classes
_KNOB_NAME = re.compile(r"[a-z][a-z0-9_]*")
# One printable ASCII character, or a word of the label grammar that can name a folder.
_CLASS_NAME = re.compile(r"[!-~]|[^\s,\-./\\:*?\"<>|\x00-\x1f]+")
_LARGEST_IN_LINE = 8  # heights of a capital, of the knobs in `LINE_FORM`
_LONGEST_CLASS_NAME = 200  # bytes; temporary folders add a suffix
# Knobs are keyword arguments and columns of tables, next to these.
_RESERVED_NAMES = frozenset(
    {"labels", "count", "seed", "start", "writer", "out", "batch_size", "classes", "length", "size", "self"}
    | {"presentation", "effects", "invert", "text", "layout"}
    | {"file_name", "image", "label", "class", "index"}
)


def is_class_name(name: str) -> bool:
    """Return whether a class may have that name: one printable ASCII character, or a word except `all`."""
    return (
        _CLASS_NAME.fullmatch(name) is not None
        and name != ALL
        and name.isprintable()
        and len(name.encode()) <= _LONGEST_CLASS_NAME
    )


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """The metadata of a model. `docs/reference/model-format.md`, section 2, describes each field.

    Example:
        >>> info = Generator().info
        >>> info.name, info.exact, [knob.name for knob in info.knobs]
        ('digits', True, ['thickness', 'slant', 'width', 'rarity'])
    """

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
        """Read the metadata of a model file; raise `ModelError` for a key that is missing or invalid."""
        found = _text(metadata, "scorp_format")
        if found != FORMAT:
            _refuse("scorp_format", f"is {short_repr(found)}; this package reads {FORMAT!r}")
        classes = _classes(_json(metadata, "classes"))
        knobs = _knobs(_json(metadata, "knobs"))
        scores = _mapping(metadata, "scores")
        return cls(
            name=_line(metadata, "name"),
            version=_line(metadata, "version"),
            classes=classes,
            knobs=knobs,
            natural=_natural(_mapping(metadata, "natural"), classes, len(knobs)),
            exact=_matching(metadata, "exact", "true|false") == "true",
            architecture=_line(metadata, "architecture"),
            macs=int(_matching(metadata, "macs", "[0-9]{1,18}")),
            dataset=_mapping(metadata, "dataset"),
            licence=_line(metadata, "licence"),
            recipe=_mapping(metadata, "recipe"),
            scores={name: _number(score, "scores") for name, score in scores.items()},
            weights_sha256=_matching(metadata, "weights_sha256", "[0-9a-f]{64}"),
        )

    def to_metadata(self) -> dict[str, str]:
        """Return the metadata as texts for a model file; raise `ModelError` if `from_metadata` would refuse it."""
        metadata = {"scorp_format": FORMAT}
        for entry in fields(self):
            value = getattr(self, entry.name)
            metadata[entry.name] = value if isinstance(value, str) else _dump(value)
        self.from_metadata(metadata)
        return metadata


def _dump(value: object) -> str:
    try:
        return json.dumps(value, ensure_ascii=False, allow_nan=False, default=_plain)
    except (TypeError, ValueError) as error:
        raise ModelError(f"metadata cannot be written as JSON: {error}") from None


def _plain(value: Any) -> dict[str, Any]:
    return dict(value) if isinstance(value, Mapping) else asdict(value)


def _refuse(key: str, complaint: str) -> NoReturn:
    raise ModelError(f"metadata {key!r} {complaint}")


def _text(metadata: Mapping[str, str], key: str) -> str:
    text = metadata.get(key, "")
    if not text.strip():
        _refuse(key, "is missing")
    if len(text) > _LONGEST_FIELD:
        _refuse(key, f"has more than {_LONGEST_FIELD} characters")
    return text


def _line(metadata: Mapping[str, str], key: str) -> str:
    text = _text(metadata, key)
    if not text.isprintable():
        _refuse(key, f"is not one line of printable text: {short_repr(text)}")
    return text


def _matching(metadata: Mapping[str, str], key: str, pattern: str) -> str:
    text = _text(metadata, key)
    if not re.fullmatch(pattern, text):
        _refuse(key, f"is malformed: {short_repr(text)}")
    return text


def _json(metadata: Mapping[str, str], key: str) -> Any:
    try:
        document = json.loads(_text(metadata, key), parse_constant=_refuse_constant)
        escaped = json.dumps(document, ensure_ascii=False)
    except (ValueError, RecursionError):
        _refuse(key, "is not valid JSON")
    if not escaped.isprintable():
        _refuse(key, "has characters that cannot be printed")
    return document


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)  # NaN and infinity, which Python reads although JSON has no such numbers


def _mapping(metadata: Mapping[str, str], key: str) -> dict[str, Any]:
    value = _json(metadata, key)
    if not isinstance(value, dict):
        _refuse(key, "is not an object")
    return value


def _classes(value: Any) -> tuple[str, ...]:
    names = value if isinstance(value, list) else []
    if wrong := [name for name in names if not isinstance(name, str) or not is_class_name(name)]:
        _refuse("classes", f"has {short_repr(wrong[0])}, which is not a valid class name")
    if not names or len(set(names)) < len(names) or (ANY in names and len(names) > 1):
        _refuse("classes", f"is not a list of different names, or {ANY!r} alone")
    return tuple(names)


def _knobs(value: Any) -> tuple[Knob, ...]:
    knobs = tuple(map(_knob, value if isinstance(value, list) else [value]))
    names = {knob.name for knob in knobs}
    if len(names) < len(knobs):
        _refuse("knobs", "names a knob twice")
    in_line = [knob for knob in knobs if names.issuperset(LINE_FORM) and knob.name in LINE_FORM]
    if wrong := [knob for knob in in_line if max(-knob.low, knob.high) > _LARGEST_IN_LINE]:
        _refuse("knobs", f"has a range beyond {_LARGEST_IN_LINE} for {wrong[0].name!r}")
    return knobs


def _knob(value: Any) -> Knob:
    if not isinstance(value, dict) or not {"name", "unit", "low", "high", "step"} <= value.keys():
        _refuse("knobs", "is not a list of objects with name, unit, low, high and step")
    name, unit = value["name"], value["unit"]
    if not isinstance(name, str) or not _KNOB_NAME.fullmatch(name) or name in _RESERVED_NAMES:
        _refuse("knobs", f"has {short_repr(name)}, which is not a valid knob name")
    if not isinstance(unit, str) or not unit.isprintable():
        _refuse("knobs", f"has an invalid unit for {name!r}")
    low, high, step = (_number(value[key], "knobs") for key in ("low", "high", "step"))
    is_power_of_two = step > 0 and math.frexp(step)[0] == 0.5
    if not is_power_of_two or not low < high or low % step or high % step or max(-low, high) / step >= 2**24:
        problem = f"{low:g}..{high:g} in steps of {step:g}"
        _refuse("knobs", f"has the range {problem} for {name!r}, which is not a grid of a power of two")
    return Knob(name, unit, low, high, step)


def _natural(value: dict[str, Any], classes: Sequence[str], size: int) -> dict[str, ClassPrior]:
    if missing := [name for name in classes if name not in value]:
        _refuse("natural", f"lacks class {missing[0]!r}")
    return {name: _class_prior(value[name], f"natural of {name}", size) for name in classes}


def _class_prior(value: Any, key: str, size: int) -> ClassPrior:
    if not isinstance(value, dict):
        _refuse(key, "is not an object")
    correlation = _matrix(value.get("correlation"), key, size, size)
    quantiles = _matrix(value.get("quantiles"), key, size, len(SCORES))
    matrix = np.reshape(correlation, (size, size))
    if (matrix != matrix.T).any() or (abs(matrix) > 1).any() or (matrix.diagonal() != 1).any():
        _refuse(key, "has an invalid correlation matrix")
    if (np.diff(np.reshape(quantiles, (size, len(SCORES)))) < 0).any():
        _refuse(key, "has decreasing quantiles")
    return ClassPrior(correlation, quantiles)


def _matrix(value: Any, key: str, rows: int, columns: int) -> tuple[tuple[float, ...], ...]:
    lists = value if isinstance(value, list) else []
    if len(lists) != rows or not all(isinstance(row, list) and len(row) == columns for row in lists):
        _refuse(key, f"lacks a {rows} x {columns} matrix")
    return tuple(tuple(_number(item, key) for item in row) for row in lists)


def _number(value: Any, key: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not -1e300 < value < 1e300:
        _refuse(key, f"has {short_repr(str(value))} where it needs a finite number")
    return float(value)
