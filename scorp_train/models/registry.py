"""Models by name, from this package and from any other that declares the entry-point group `scorp.models`."""

from collections.abc import Mapping
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Any

from scorp_train.errors import UsageError

if TYPE_CHECKING:
    from .model import Model

GROUP = "scorp.models"
OPTIONS_GROUP = "scorp.model_options"
"""Where a package may declare, under the model's name, its `Options` a second time: they load without torch."""


def model_names() -> tuple[str, ...]:
    """The names that `--model` takes, sorted."""
    return tuple(sorted({point.name for point in entry_points(group=GROUP)}))


def model_class(name: str) -> "type[Model]":
    """The class registered under that name. Raises `UsageError` with the known names."""
    for point in entry_points(group=GROUP, name=name):
        found: type[Model] = point.load()
        return found
    raise UsageError(f"no model {name!r}; known: {', '.join(model_names())}")


def model_options(name: str) -> type[Any]:
    """The `Options` of the model registered under that name. Raises `UsageError` with the known names."""
    for point in entry_points(group=OPTIONS_GROUP, name=name):
        found: type[Any] = point.load()
        return found
    return model_class(name).Options


def model_preset(name: str) -> Mapping[str, Any]:
    """What the model's own recipe sets of the trainer's options: the `preset` of its `Options`, if they have one."""
    found: Mapping[str, Any] = getattr(model_options(name), "preset", {})
    return found
