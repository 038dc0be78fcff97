"""Find and read model files: those bundled with this package, and those at a path."""

import os
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from scorp_runtime.errors import ModelError
from scorp_runtime.files.bounded import read_regular

DEFAULT = "digits"
"""Name of the default model."""
TEXT = "text"
"""Name of the bundled model with all characters."""
SELECTED_FOR = {DEFAULT: "digits alone", TEXT: "everything else"}
"""What the commands use each bundled model for, unless you select one."""

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
        """Return the contents of the model file; raise `ModelError` if it cannot be read."""
        if self.bundled and self.place not in bundled_names():
            if self.place in (DEFAULT, TEXT):
                raise ModelError(missing_file(self._path))
            known = ", ".join(bundled_names()) or "none"
            raise ModelError(
                f"there is no bundled model {self.place!r} (bundled: {known}); a path has a slash or ends in {SUFFIX}"
            )
        return _read(self._path, f"model {self.place}")

    def read_golden(self) -> bytes | None:
        """Return the contents of the golden file next to the model; None if there is none."""
        file = self._path.with_suffix(GOLDEN_SUFFIX)
        return _read(file, f"golden file of {self.place}") if file.is_file() else None

    @property
    def _path(self) -> Path:
        return _bundled_folder() / f"{self.place}{SUFFIX}" if self.bundled else Path(self.place)


def locate(model: str | os.PathLike[str] | None) -> ModelFile:
    """Return the file of a model; a text with a slash or with the suffix `.onnx` is a path, another one a name."""
    if model is None:
        return ModelFile(DEFAULT, bundled=True)
    text = os.fspath(model) if isinstance(model, (str, os.PathLike)) else model
    if not isinstance(text, str):
        raise ModelError(f"model must be a name or a path, not {type(model).__name__}")
    is_name = isinstance(model, str) and Path(text).name == text and not text.endswith(SUFFIX)
    return ModelFile(text, bundled=True) if is_name else ModelFile(str(Path(text).absolute()), bundled=False)


def bundled_names() -> list[str]:
    """Return the names of the bundled models, sorted."""
    return sorted(path.stem for path in _bundled_folder().glob(f"*{SUFFIX}"))


def missing_file(file: Path) -> str:
    """Return the error message for a file of this package that is not installed."""
    return f"{file} is missing; reinstall scorp-runtime, or add its package data to your frozen application"


def _bundled_folder() -> Path:
    try:
        (place,) = import_module("scorp_runtime.exported").__path__
    except ModuleNotFoundError:  # in a checkout that is not installed, the models are next to the package
        return Path(__file__).parents[2] / "exported"
    return Path(place)


def _read(file: Path, what: str) -> bytes:
    try:
        return read_regular(file)
    except OSError as error:
        raise ModelError(f"cannot read {what}: {error.strerror or error}") from None
