"""Damaged IDX files and images are read or refused with one line; what is named as an image is not executed."""

import gzip
import io
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image

from scorp_train.data.errors import DataError
from scorp_train.data.idx import format_idx, parse_idx, read_unzipped
from scorp_train.data.idx_folder import FILES, parse_dataset, read_class_names, read_files
from scorp_train.data.image_folder import read_image_folder

IMAGES = np.arange(24 * 28 * 28, dtype=np.uint32).reshape(24, 28, 28).astype(np.uint8)
LABELS = np.arange(24, dtype=np.uint8) % 2
WHOLE = {FILES[0]: format_idx(IMAGES), FILES[1]: format_idx(LABELS)}
FORMATS = {
    "png": "PNG",
    "jpg": "JPEG",
    "bmp": "BMP",
    "gif": "GIF",
    "tif": "TIFF",
    "webp": "WEBP",
    "pgm": "PPM",
}
Damage = Callable[[st.DataObject, bytes], bytes]


@contextmanager
def refused_in_one_line() -> Iterator[None]:
    try:
        yield
    except DataError as error:
        assert len(str(error).splitlines()) == 1  # noqa: PT017


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("data")


@settings(deadline=None)
@given(st.binary(max_size=64), st.integers(1, 3))
@example(b"\x00\x00\x08\x03" + b"\xff" * 12, 3)
def test_any_bytes_as_idx(data: bytes, rank: int) -> None:
    with refused_in_one_line():
        assert format_idx(parse_idx(data, rank)) == data


@settings(deadline=None)
@given(st.data())
def test_damaged_idx_files(folder: Path, damage: Damage, data: st.DataObject) -> None:
    for name, content in WHOLE.items():
        zipped = data.draw(st.booleans(), "zipped")
        stored = gzip.compress(content, 1) if zipped else content
        (folder / name).write_bytes(damage(data, stored) if data.draw(st.booleans(), "damaged") else stored)
    (folder / "classes.txt").write_bytes(data.draw(st.just(b"a\nb\n") | st.binary(max_size=20), "classes"))
    with refused_in_one_line():
        content = read_files(folder)
        dataset = parse_dataset(content, "x", "none", "here", read_class_names(folder))
        for split in (dataset.train, dataset.test):
            assert split.images.shape[1:] == (28, 28)
            assert all(0 <= label < len(dataset.classes) for label in split.labels.tolist())


def test_a_gzip_bomb_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scorp_train.data.idx._MOST_BYTES", 1 << 20)
    path = folder / "bomb.gz"
    path.write_bytes(gzip.compress(bytes((1 << 20) + 1)))
    with pytest.raises(DataError, match="more than 1048576 bytes"):
        read_unzipped(path)


def encoded(form: str, mode: str = "L") -> bytes:
    grey = np.zeros((28, 28), np.uint8)
    grey[7:14, 9:14] = 255
    stream = io.BytesIO()
    try:
        Image.fromarray(grey).convert(mode).save(stream, form)
    except OSError:  # the format has no such mode
        return encoded(form)
    return stream.getvalue()


@pytest.fixture(scope="module")
def image_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("images")
    for name in ("a", "b"):
        (place / name).mkdir(parents=True)
        for number in range(14):
            (place / name / f"{number}.png").write_bytes(encoded("PNG"))
    return place


@settings(deadline=None)
@given(
    suffix=st.sampled_from(sorted(FORMATS)),
    mode=st.sampled_from(["L", "1", "P", "LA", "RGBA", "RGB", "I;16"]),
    name=st.text(
        st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), min_size=1, max_size=20
    ).filter(lambda name: name not in (".", "..", "a", "b") and len(os.fsencode(name)) <= 255),
    data=st.data(),
)
def test_a_damaged_image_in_a_folder_of_any_name(
    image_folder: Path, damage: Damage, suffix: str, mode: str, name: str, data: st.DataObject
) -> None:
    path = image_folder / name / f"odd.{suffix}"
    path.parent.mkdir()
    path.write_bytes(damage(data, encoded(FORMATS[suffix], mode)))
    try:
        with refused_in_one_line():
            images = read_image_folder(image_folder, "auto").train.images
            assert (images.dtype, images.shape[1:]) == (np.uint8, (28, 28))
    finally:
        path.unlink()
        path.parent.rmdir()


def test_a_document_is_not_read_as_an_image(image_folder: Path) -> None:
    """Pillow would pass PostScript to Ghostscript, which executes it."""
    path = image_folder / "a" / "odd.png"
    path.write_bytes(encoded("EPS", "RGB"))
    try:
        with pytest.raises(DataError, match=r"odd\.png \(not a readable image\)"):
            read_image_folder(image_folder, "auto")
    finally:
        path.unlink()
