"""Named presets of options. Options on the command line take precedence."""

from dataclasses import fields
from typing import Any

from scorp_train.errors import UsageError
from scorp_train.models.registry import model_names, model_options, model_preset

from .options import Options

_NAMED: dict[str, dict[str, Any]] = {
    # The released digits: the defaults.
    "digits": {"network": "multires"},
    # The released model `text`: all printable ASCII that UNIPEN has. Fewer components and factors keep the file small.
    "text": {
        "network": "multires",
        "data": "text",
        "name": "text",
        "epochs": 18,
        "components": 8,
        "factors": 8,
    },
    # A first look in a quarter of the time: readable, but less sharp.
    "sketch": {"network": "multires", "epochs": 10},
}


def preset_names() -> tuple[str, ...]:
    """Return the named presets, and the networks, which are presets too."""
    return (*_NAMED, *model_names())


def preset(name: str | None, network: str | None) -> dict[str, Any]:
    """Return the options that a network and a preset set; unknown names set nothing, as the command line refuses them.

    Raises:
        UsageError: for a preset of another network, or one that sets an unknown option.
    """
    named = {"network": name} if name in model_names() else _NAMED.get(name or "", {})
    owner = named.get("network", network or Options.network)
    chosen = network or owner
    if chosen not in model_names():
        return {"network": chosen}
    if chosen != owner:
        raise UsageError(f"--preset {name} is for the network {owner}, not {chosen}")
    recipe = {**model_preset(chosen), **named, "network": chosen}
    known = {field.name for kind in (Options, model_options(chosen)) for field in fields(kind)}
    if unknown := sorted(recipe.keys() - known):
        raise UsageError(
            f"the preset of {name or chosen} sets {unknown[0]!r}, which is not an option of {chosen}"
        )
    return recipe
