"""Where a model lies: bundled with this package, or at a path."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from scorp_runtime.errors import ModelError
from scorp_runtime.files.bounded import read_regular

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

DEFAULT = "digits"
"""The bundled model that is used when none is named."""
LETTERS = "letters"
"""The bundled model that the commands use when none is named and capitals are asked for."""

SUFFIX = ".onnx"
GOLDEN_SUFFIX = ".golden.json"


@dataclass(frozen=True, slots=True)
class ModelFile:
    """A model that is bundled under the name `place`, or lies at the absolute path `place`."""

    place: str
    bundled: bool

    def read(self) -> bytes:
        """Return the bytes of the model.

        Raises:
            ModelError: if there is no such file, or it cannot be read.
        """
        if self.bundled and self.place not in bundled_names():
            if self.place in (DEFAULT, LETTERS):
                raise ModelError(missing_data(self._file(SUFFIX)))
            known = ", ".join(bundled_names()) or "none"
            raise ModelError(
                f"there is no bundled model {self.place!r} (bundled: {known}); a path has a slash or ends in {SUFFIX}"
            )
        with _reading(f"model {self.place}"):
            return _read(self._file(SUFFIX))

    def read_golden(self) -> bytes | None:
        """Return the bytes of the golden file beside the model; None if there is none."""
        file = self._file(GOLDEN_SUFFIX)
        with _reading(f"golden file of {self.place}"):
            return _read(file) if file.is_file() else None

    def _file(self, suffix: str) -> "Traversable":
        if self.bundled:
            return _bundled_folder() / f"{self.place}{suffix}"
        return Path(self.place) if suffix == SUFFIX else Path(self.place).with_suffix(suffix)


def locate(model: str | os.PathLike[str] | None) -> ModelFile:
    """Tell a bundled name from a path: a path has a separator, ends in `.onnx`, or is no string.

    Raises:
        ModelError: if it is neither.
    """
    if model is None:
        return ModelFile(DEFAULT, bundled=True)
    text = os.fspath(model) if isinstance(model, (str, os.PathLike)) else model
    if not isinstance(text, str):
        raise ModelError(f"a model is named by a text or a path, not by {type(model).__name__}")
    is_name = isinstance(model, str) and Path(text).name == text and not text.endswith(SUFFIX)
    return ModelFile(text, bundled=True) if is_name else ModelFile(str(Path(text).absolute()), bundled=False)


def bundled_names() -> list[str]:
    """Return the names of the bundled models, sorted."""
    folder = _bundled_folder()
    entries = [entry.name for entry in folder.iterdir()] if folder.is_dir() else []
    return sorted(name.removesuffix(SUFFIX) for name in entries if name.endswith(SUFFIX))


def missing_data(file: "Traversable") -> str:
    """Return the message of an error about a file of this package that is not installed."""
    return f"{file} is missing; reinstall scorp-runtime, or add its package data to your frozen application"


def _bundled_folder() -> "Traversable":
    try:
        (place,) = import_module("scorp_runtime.exported").__path__
    except ModuleNotFoundError:  # a checkout that is not installed keeps its models beside the package
        return Path(__file__).parents[1] / "exported"
    if Path(place).is_dir():
        return Path(place)
    from importlib.resources import files  # slow to import, and needed only inside a zip

    return files("scorp_runtime.exported")


@contextmanager
def _reading(what: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ModelError(f"cannot read {what}: {error.strerror or error}") from None


def _read(file: "Traversable") -> bytes:
    return read_regular(file) if isinstance(file, Path) else file.read_bytes()
