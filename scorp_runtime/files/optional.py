"""Imports of optional libraries, which the extras of this package install."""

from importlib import import_module
from types import ModuleType

from scorp_runtime.errors import MissingExtraError


def load_extra(module: str, extra: str) -> ModuleType:
    """Import a module that an extra installs.

    Raises:
        MissingExtraError: if it is not installed, with the command that installs it.
    """
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        raise MissingExtraError(f"{error.name} is missing: pip install 'scorp-runtime[{extra}]'") from None
