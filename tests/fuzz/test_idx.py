"""Damaged IDX files, zipped or not, are read or refused with one line."""

import gzip
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from scorp_runtime import DatasetError
from scorp_runtime.formats import idx
from scorp_runtime.formats.format import Shard
from scorp_train.data.errors import DataError
from scorp_train.data.idx import format_idx, parse_idx, read_unzipped
from scorp_train.data.idx_folder import FILES, parse_dataset, read_class_names, read_files

IMAGES = np.arange(24 * 28 * 28, dtype=np.uint32).reshape(24, 28, 28).astype(np.uint8)
LABELS = np.arange(24, dtype=np.uint8) % 2
WHOLE = {FILES[0]: format_idx(IMAGES), FILES[1]: format_idx(LABELS)}
Damage = Callable[[st.DataObject, bytes], bytes]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("idx")


@settings(deadline=None)
@given(st.binary(max_size=64), st.integers(1, 3))
@example(b"\x00\x00\x08\x03" + b"\xff" * 12, 3)
def test_any_bytes(data: bytes, rank: int) -> None:
    try:
        array = parse_idx(data, rank)
    except DataError as error:
        assert str(error).isprintable()  # noqa: PT017
    else:
        assert format_idx(array) == data


@settings(deadline=None)
@given(st.data())
def test_damaged_files_for_training(folder: Path, damage: Damage, data: st.DataObject) -> None:
    for name, content in WHOLE.items():
        zipped = data.draw(st.booleans(), "zipped")
        stored = gzip.compress(content, 1) if zipped else content
        (folder / name).write_bytes(damage(data, stored) if data.draw(st.booleans(), "damaged") else stored)
    (folder / "classes.txt").write_bytes(data.draw(st.just(b"a\nb\n") | st.binary(max_size=20), "classes"))
    try:
        content = read_files(folder)
        dataset = parse_dataset(content, "x", "none", "here", read_class_names(folder))
    except DataError as error:
        assert len(str(error).splitlines()) == 1  # noqa: PT017
        return
    for split in (dataset.train, dataset.test):
        assert split.images.shape[1:] == (28, 28)
        assert all(0 <= label < len(dataset.classes) for label in split.labels.tolist())


@settings(deadline=None)
@given(st.data())
def test_damaged_gzip_files(folder: Path, damage: Damage, data: st.DataObject) -> None:
    path = folder / "some.gz"
    path.write_bytes(b"\x1f\x8b" + damage(data, gzip.compress(b"some text" * 20))[2:])
    try:
        read_unzipped(path)
    except DataError as error:
        assert str(path) in str(error)  # noqa: PT017


@settings(deadline=None)
@given(st.data())
def test_damaged_files_of_a_dataset_on_disk(folder: Path, damage: Damage, data: st.DataObject) -> None:
    for name, content in ((idx.IMAGES, WHOLE[FILES[0]]), (idx.LABELS, WHOLE[FILES[1]])):
        (folder / name).write_bytes(damage(data, content))
    first = data.draw(st.integers(0, 30), "first")
    try:
        idx.FORMAT.check_whole(folder, [Shard("", range(24))], ("0", "1"))
        for stored in idx.FORMAT.read(folder, Shard("", range(first, first + 5)), ("0", "1")):
            assert stored.image.size <= IMAGES.size
    except DatasetError as error:
        assert str(error).isprintable()  # noqa: PT017


def test_a_gzip_bomb_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scorp_train.data.idx._MOST_BYTES", 1 << 20)
    path = folder / "bomb.gz"
    path.write_bytes(gzip.compress(bytes((1 << 20) + 1)))
    with pytest.raises(DataError, match="more than 1048576 bytes"):
        read_unzipped(path)
