"""Folders of damaged images are read or refused with one line; a document named as an image is not executed."""

import io
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from scorp_train.data.errors import DataError
from scorp_train.data.image_folder import read_image_folder

Damage = Callable[[st.DataObject, bytes], bytes]
FORMATS = {
    "png": "PNG",
    "jpg": "JPEG",
    "bmp": "BMP",
    "gif": "GIF",
    "tif": "TIFF",
    "webp": "WEBP",
    "pgm": "PPM",
}
MODES = ["L", "1", "P", "LA", "RGBA", "RGB", "I;16"]


def make_image(mode: str = "L", side: int = 28) -> Image.Image:
    grey = np.zeros((side, side), np.uint8)
    grey[side // 4 : side // 2, side // 3 : side // 2] = 255
    return Image.fromarray(grey).convert(mode)


def encoded(form: str, mode: str) -> bytes:
    stream = io.BytesIO()
    try:
        make_image(mode).save(stream, FORMATS[form])
    except OSError:  # the format has no such mode
        return encoded(form, "L")
    return stream.getvalue()


IMAGES = {(form, mode): encoded(form, mode) for form in FORMATS for mode in MODES}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("images")
    for name in ("a", "b"):
        (folder / name).mkdir()
        for number in range(14):
            make_image().save(folder / name / f"{number}.png")
    return folder


def refused_or_read(folder: Path) -> None:
    try:
        dataset = read_image_folder(folder, "auto")
    except DataError as error:
        assert len(str(error).splitlines()) == 1  # noqa: PT017
        return
    assert dataset.train.images.dtype == np.uint8
    assert dataset.train.images.shape[1:] == (28, 28)


@settings(deadline=None)
@given(kind=st.sampled_from(sorted(IMAGES)), data=st.data())
def test_a_damaged_image(folder: Path, damage: Damage, kind: tuple[str, str], data: st.DataObject) -> None:
    path = folder / "a" / f"odd.{kind[0]}"
    path.write_bytes(damage(data, IMAGES[kind]))
    try:
        refused_or_read(folder)
    finally:
        path.unlink()


@settings(deadline=None)
@given(suffix=st.sampled_from(sorted(FORMATS)), content=st.binary(max_size=100))
def test_any_bytes_named_as_an_image(folder: Path, suffix: str, content: bytes) -> None:
    path = folder / "a" / f"odd.{suffix}"
    path.write_bytes(content)
    try:
        refused_or_read(folder)
    finally:
        path.unlink()


@settings(deadline=None)
@given(st.text(st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), min_size=1, max_size=20))
def test_a_folder_of_any_name(folder: Path, name: str) -> None:
    place = folder / name
    if place.exists() or len(os.fsencode(name)) > 255:
        return
    place.mkdir()
    os.link(folder / "a" / "0.png", place / "0.png")
    try:
        refused_or_read(folder)
    finally:
        (place / "0.png").unlink()
        place.rmdir()


def test_a_document_is_not_read_as_an_image(folder: Path) -> None:
    """Pillow would pass PostScript to Ghostscript, which executes it."""
    stream = io.BytesIO()
    make_image("RGB").save(stream, "EPS")
    path = folder / "a" / "odd.png"
    path.write_bytes(stream.getvalue())
    try:
        with pytest.raises(DataError, match=r"odd\.png \(not a readable image\)"):
            read_image_folder(folder, "auto")
    finally:
        path.unlink()
