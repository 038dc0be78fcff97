"""Models by name, from this package and from any other that declares the entry-point group `scorp.models`."""

from collections.abc import Mapping
from importlib.metadata import entry_points
from typing import Any

from scorp_train.errors import UsageError
from scorp_train.models.model import Model

GROUP = "scorp.models"


def model_names() -> tuple[str, ...]:
    """The names that `--model` takes, sorted."""
    return tuple(sorted({point.name for point in entry_points(group=GROUP)}))


def model_class(name: str) -> type[Model]:
    """The class registered under that name. Raises `UsageError` with the known names."""
    for point in entry_points(group=GROUP, name=name):
        found: type[Model] = point.load()
        return found
    raise UsageError(f"no model {name!r}; known: {', '.join(model_names())}")


def model_preset(name: str) -> Mapping[str, Any]:
    """What the model's own recipe sets of the trainer's options."""
    found: Mapping[str, Any] = getattr(model_class(name), "preset", {})
    return found
