"""Find and read model files: those bundled with this package, and those at a path."""

import os
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from scorp_runtime.errors import ModelError
from scorp_runtime.files.bounded import read_regular

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

DEFAULT = "digits"
"""Name of the default model."""
LETTERS = "letters"
"""Name of the bundled model that the commands select automatically when you request capitals."""

SUFFIX = ".onnx"
GOLDEN_SUFFIX = ".golden.json"


@dataclass(frozen=True, slots=True)
class ModelFile:
    """A model file: `place` is the name of a bundled model or an absolute path.

    Example:
        >>> Generator().model_file
        ModelFile(place='digits', bundled=True)
    """

    place: str
    bundled: bool

    def read(self) -> bytes:
        """Return the contents of the model file.

        Raises:
            ModelError: if the file is missing or cannot be read.
        """
        if self.bundled and self.place not in bundled_names():
            if self.place in (DEFAULT, LETTERS):
                raise ModelError(missing_file(self._file(SUFFIX)))
            known = ", ".join(bundled_names()) or "none"
            raise ModelError(
                f"there is no bundled model {self.place!r} (bundled: {known}); a path has a slash or ends in {SUFFIX}"
            )
        return _read(self._file(SUFFIX), f"model {self.place}")

    def read_golden(self) -> bytes | None:
        """Return the contents of the golden file next to the model; None if there is none."""
        file = self._file(GOLDEN_SUFFIX)
        return _read(file, f"golden file of {self.place}") if file.is_file() else None

    def _file(self, suffix: str) -> "Traversable":
        if self.bundled:
            return _bundled_folder() / f"{self.place}{suffix}"
        return Path(self.place) if suffix == SUFFIX else Path(self.place).with_suffix(suffix)


def locate(model: str | os.PathLike[str] | None) -> ModelFile:
    """Return the file of a model; a text with a slash or with the suffix `.onnx` is a path, another one a name.

    Raises:
        ModelError: if `model` is not a text or a path.
    """
    if model is None:
        return ModelFile(DEFAULT, bundled=True)
    text = os.fspath(model) if isinstance(model, (str, os.PathLike)) else model
    if not isinstance(text, str):
        raise ModelError(f"model must be a name or a path, not {type(model).__name__}")
    is_name = isinstance(model, str) and Path(text).name == text and not text.endswith(SUFFIX)
    return ModelFile(text, bundled=True) if is_name else ModelFile(str(Path(text).absolute()), bundled=False)


def bundled_names() -> list[str]:
    """Return the names of the bundled models, sorted."""
    folder = _bundled_folder()
    entries = [entry.name for entry in folder.iterdir()] if folder.is_dir() else []
    return sorted(name.removesuffix(SUFFIX) for name in entries if name.endswith(SUFFIX))


def missing_file(file: "Traversable") -> str:
    """Return the error message for a file of this package that is not installed."""
    return f"{file} is missing; reinstall scorp-runtime, or add its package data to your frozen application"


def _bundled_folder() -> "Traversable":
    try:
        (place,) = import_module("scorp_runtime.exported").__path__
    except ModuleNotFoundError:  # in a checkout that is not installed, the models are next to the package
        return Path(__file__).parents[2] / "exported"
    if Path(place).is_dir():
        return Path(place)
    from importlib.resources import files  # slow to import, and needed only inside a zip file

    return files("scorp_runtime.exported")


def _read(file: "Traversable", what: str) -> bytes:
    try:
        return read_regular(file) if isinstance(file, Path) else file.read_bytes()
    except OSError as error:
        raise ModelError(f"cannot read {what}: {error.strerror or error}") from None
