"""The columns of a dataset as Hugging Face datasets describes them, in the JSON that Parquet files carry, too."""

from typing import Any

from .model_info import ModelInfo

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


def _names(names: tuple[str, ...]) -> Features:
    return {"_type": "ClassLabel", "names": list(names)}


def _value(kind: str) -> Features:
    return {"_type": "Value", "dtype": kind}
