"""The columns of a dataset as Hugging Face describes them, in Parquet files and dataset cards."""

import json
from collections.abc import Sequence
from typing import Any

from scorp_runtime.model.metadata import ModelInfo

Features = dict[str, Any]
"""Column -> feature, as `datasets.Features.to_dict` writes it, or -> nested columns."""


def image_features(info: ModelInfo, *, has_writer: bool) -> Features:
    """Return the columns of images: image, label, seed, index, writer (optional) and one per knob."""
    return {
        "image": {"_type": "Image"},
        "label": _names(info.classes),
        "seed": _value("uint64"),
        "index": _value("uint64"),
        **({"writer": _value("uint64")} if has_writer else {}),
        **{knob.name: _value("float32") for knob in info.knobs},
    }


def page_features(categories: list[str]) -> Features:
    """Return the columns of pages, with boxes in `objects`; `categories` are the characters that may be on a page."""
    return {
        "image": {"_type": "Image"},
        "text": _value("string"),
        "seed": _value("uint64"),
        "index": _value("uint64"),
        "writer": _value("uint64"),
        "objects": {
            "character": _list(_value("string")),
            "category": _list(_names(categories)),
            "position": _list(_value("int32")),
            "line": _list(_value("int32")),
            "bbox": _list(_list(_value("int32"), 4)),
        },
    }


def page_table_features() -> Features:
    """Return the columns of `metadata.csv` of a folder of pages, and the image."""
    columns = {name: kind for name, kind in page_features([]).items() if name != "objects"}
    return columns | {"width": _value("int32"), "height": _value("int32")}


def as_yaml(features: Features) -> list[str]:
    """Return columns that are not nested as the YAML lines of a list in the front matter of a card."""
    return [f"- {json.dumps({'name': name, 'dtype': _dtype(kind)})}" for name, kind in features.items()]


def _dtype(feature: Features) -> str | Features:
    if feature["_type"] == "ClassLabel":
        return {"class_label": {"names": {str(label): name for label, name in enumerate(feature["names"])}}}
    return "image" if feature["_type"] == "Image" else str(feature["dtype"])


def _names(names: Sequence[str]) -> Features:
    return {"_type": "ClassLabel", "names": list(names)}


def _list(inner: Features, length: int = -1) -> Features:
    """Return a list of `length`, -1 for any; every version of datasets reads the name `Sequence`."""
    return {"_type": "Sequence", "feature": inner, "length": length}


def _value(kind: str) -> Features:
    return {"_type": "Value", "dtype": kind}
