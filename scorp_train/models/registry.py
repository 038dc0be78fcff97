"""Models by name, from this package and any other that declares the entry-point group `scorp.models`."""

from collections.abc import Mapping
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Any

from scorp_train.errors import UsageError

if TYPE_CHECKING:
    from .model_api import Model

GROUP = "scorp.models"
OPTIONS_GROUP = "scorp.model_options"
"""A package may also declare a model's `Options` in this group, from a module that loads without torch."""


def model_names() -> tuple[str, ...]:
    """Return the registered names, sorted."""
    return tuple(sorted({point.name for point in entry_points(group=GROUP)}))


def model_class(name: str) -> "type[Model]":
    """Return the class registered under a name. Raises `UsageError` for an unknown name."""
    for point in entry_points(group=GROUP, name=name):
        found: type[Model] = point.load()
        return found
    raise UsageError(f"unknown network {name!r}; use one of {', '.join(model_names())}")


def model_options(name: str) -> type[Any]:
    """Return the `Options` of a model. Raises `UsageError` for an unknown name."""
    for point in entry_points(group=OPTIONS_GROUP, name=name):
        found: type[Any] = point.load()
        return found
    return model_class(name).Options


def model_preset(name: str) -> Mapping[str, Any]:
    """Return a model's own defaults of the trainer's options: `Options.preset`, or nothing."""
    found: Mapping[str, Any] = getattr(model_options(name), "preset", {})
    return found
