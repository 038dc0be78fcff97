"""What the tests of data share: an empty data directory, and IDX folders."""

import gzip
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from scorp_train.data.idx import format_idx
from scorp_train.data.idx_folder import FILES


@pytest.fixture
def data_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty data directory, which does not exist yet."""
    monkeypatch.setenv("SCORP_DATA", str(tmp_path / "scorp"))
    return tmp_path / "scorp"


@pytest.fixture(scope="session")
def write_idx() -> Callable[..., Path]:
    """Return a function that writes images and labels of up to two splits as MNIST's files."""

    def write(folder: Path, *arrays: np.ndarray, zipped: bool = False) -> Path:
        folder.mkdir(exist_ok=True)
        for name, array in zip(FILES, arrays, strict=False):
            data = format_idx(array.astype(np.uint8))
            (folder / f"{name}{'.gz' * zipped}").write_bytes(gzip.compress(data) if zipped else data)
        return folder

    return write
