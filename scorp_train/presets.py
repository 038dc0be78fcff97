"""Recipes by name: what they set beside the defaults. An option on the command line has the last word."""

from collections.abc import Mapping
from typing import Any

from scorp_train.models.registry import model_names, model_preset
from scorp_train.options import Options

_NAMED: dict[str, dict[str, Any]] = {
    # The released digits: the defaults are its recipe.
    "digits": {},
    # Digits and capitals: seven capitals in eight are variants of real ones. A wider front holds the hands of 36
    # classes; an adversarial stage of six epochs in 35 ends before the critic wins (docs/experiments.md).
    "letters": {
        "data": "letters",
        "name": "letters",
        "variants": 3_000,
        "epochs": 35,
        "hidden": 384,
        "narrow": 224,
        "codes_share": 0.4969,
        "flow_share": 0.1988,
        "front_share": 0.1491,
        "penalty": 0.03,
        "keep_share": 0.85,
        "ink_cut": 16.0,
    },
    # A first look in a quarter of the time: right, but less sharp.
    "sketch": {"epochs": 10},
}


def preset_names() -> tuple[str, ...]:
    """The named recipes, and every model's own under its name."""
    return (*_NAMED, *model_names())


def preset(name: str | None, model: str | None) -> dict[str, Any]:
    """What a preset and a model set of the trainer's options: the model's own recipe, then the named one.

    Unknown names set nothing; the command line refuses them.
    """
    named: Mapping[str, Any] = {"model": name} if name in model_names() else _NAMED.get(name or "", {})
    chosen = model or named.get("model", Options.model)
    return {**(model_preset(chosen) if chosen in model_names() else {}), **named, "model": chosen}
