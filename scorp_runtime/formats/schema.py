"""The columns of a dataset as Hugging Face datasets describes them, in the JSON of Parquet files and in cards."""

import json
from collections.abc import Sequence
from typing import Any

from scorp_runtime.model.metadata import ModelInfo

Features = dict[str, Any]
"""Column -> a feature, as `datasets.Features.to_dict` writes it, or columns within the column."""

IMAGE: Features = {"_type": "Image"}


def picture_features(info: ModelInfo, *, has_writer: bool) -> Features:
    """Return the columns of pictures: image, label, seed, index, the writer, if any, and one per knob."""
    return {
        "image": IMAGE,
        "label": _names(info.classes),
        "seed": _value("uint64"),
        "index": _value("uint64"),
        **({"writer": _value("uint64")} if has_writer else {}),
        **{knob.name: _value("float32") for knob in info.knobs},
    }


def page_features(categories: list[str]) -> Features:
    """Return the columns of pages: image, text, seed, index, writer, and `objects`, the characters on the page.

    Args:
        categories: the characters that may be on a page.
    """
    return {
        "image": IMAGE,
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
    """Return the columns of the table that a folder of pages has, and the image."""
    columns = {name: kind for name, kind in page_features([]).items() if name != "objects"}
    return columns | {"width": _value("int32"), "height": _value("int32")}


def as_yaml(features: Features) -> list[str]:
    """Return plain columns as the lines of a list in a card's head, where they tell readers what a table cannot."""
    return [f"- {json.dumps({'name': name, 'dtype': _in_words(kind)})}" for name, kind in features.items()]


def _in_words(feature: Features) -> str | Features:
    match feature["_type"]:
        case "Image":
            return "image"
        case "ClassLabel":
            return {
                "class_label": {"names": {str(label): name for label, name in enumerate(feature["names"])}}
            }
    return str(feature["dtype"])


def _names(names: Sequence[str]) -> Features:
    return {"_type": "ClassLabel", "names": list(names)}


def _list(inner: Features, length: int = -1) -> Features:
    """Return a list of `length`, or at -1 of any; this name of it is read by every version of datasets."""
    return {"_type": "Sequence", "feature": inner, "length": length}


def _value(kind: str) -> Features:
    return {"_type": "Value", "dtype": kind}
