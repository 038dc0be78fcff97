"""EMNIST is read from NIST's archive: images stored transposed, letters counted from 1, one zip for all splits."""

import gzip
import hashlib
import io
import re
import zipfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scorp_train.data import DataError, dataset_names, emnist, load_dataset
from scorp_train.data.class_names import parse_mapping
from scorp_train.data.idx import format_idx

# Upstream's mapping files: label, code of the capital, and for letters the code of the small letter.
LETTERS = "".join(f"{n} {64 + n} {96 + n}\r\n" for n in range(1, 27)).encode()
BALANCED = "".join(f"{n} {ord(c)}\n" for n, c in enumerate("0123456789ABab")).encode()
SEVEN = np.zeros((28, 28), np.uint8)
SEVEN[4:7, 6:22] = SEVEN[4:24, 19:22] = 255


def make_archive(path, split="letters", first=1, classes=26, mapping=LETTERS, **instead):
    """Write a small archive in upstream's form: gzipped IDX and a mapping file in a folder `gzip`."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"gzip/emnist-{split}-mapping.txt", mapping)
        for part in ("train", "test"):
            labels = np.arange(2 * classes, dtype=np.uint8) % classes + first
            images = np.repeat(SEVEN.T[None], len(labels), 0)
            for name, array in (("images-idx3", images), ("labels-idx1", labels)):
                data = instead.get(f"{part}_{name[:6]}", gzip.compress(format_idx(array)))
                archive.writestr(f"gzip/emnist-{split}-{part}-{name}-ubyte.gz", data)


@pytest.fixture
def archive(tmp_path):
    return tmp_path / "gzip.zip"


def test_letters_are_upright_and_count_from_0(archive):
    make_archive(archive)
    dataset = emnist.read_emnist(archive, "letters")
    assert dataset.name == "emnist-letters"
    assert dataset.classes == tuple("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    assert dataset.train.labels[:3].tolist() == [0, 1, 2]
    assert (dataset.train.images[0] == SEVEN).all()
    assert dataset.train.images.flags.c_contiguous
    assert "Cohen" in dataset.licence


def test_a_split_of_both_cases_keeps_them_apart(archive):
    make_archive(archive, "balanced", 0, 14, BALANCED)
    dataset = emnist.read_emnist(archive, "balanced")
    assert dataset.classes == tuple("0123456789ABab")
    assert dataset.test.labels.max() == 13


def test_every_split_is_a_registered_name():
    splits = ("balanced", "byclass", "bymerge", "digits", "letters", "mnist")
    assert {f"emnist-{split}" for split in splits} <= set(dataset_names())


@pytest.mark.parametrize(
    ("instead", "named"),
    [
        ({"train_images": b"no gzip"}, "emnist-letters-train-images-idx3-ubyte.gz"),
        ({"test_labels": gzip.compress(bytes(100))[:-20]}, "emnist-letters-test-labels-idx1-ubyte.gz"),
        ({"train_labels": gzip.compress(format_idx(np.arange(52, dtype=np.uint8) + 1))}, "label 27"),
        ({"test_images": gzip.compress(format_idx(np.zeros((3, 28, 28), np.uint8)))}, "3 images"),
        ({"train_images": gzip.compress(bytes(1 << 20))}, "more than 65536 bytes"),
        ({"mapping": b"1 65\nword\n"}, "mapping"),
        ({"mapping": b""}, "no classes"),
    ],
)
def test_a_damaged_member_is_named(archive, monkeypatch, instead, named):
    monkeypatch.setattr(emnist, "_MOST_BYTES", 1 << 16)
    make_archive(archive, **instead)
    with pytest.raises(DataError, match=named) as caught:
        emnist.read_emnist(archive, "letters")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("place", ["header", "directory"])
@pytest.mark.parametrize(
    ("offsets", "value"),
    [
        ((4, 6), b"\x54\x00"),  # needs version 8.4 of the zip format: NotImplementedError
        ((6, 8), b"\x01\x00"),  # encrypted: RuntimeError
        ((6, 8), b"\x00\x08"),  # a name marked as UTF-8 that is not: UnicodeDecodeError
        ((8, 10), b"\x0e\x00"),  # marked as LZMA: LZMAError
        ((8, 10), b"\x63\x00"),  # an unknown compression: NotImplementedError
    ],
)
def test_an_archive_of_another_kind_is_a_data_error(archive, place, offsets, value):
    make_archive(archive)
    content = bytearray(archive.read_bytes())
    record, shift, name = (b"PK\x03\x04", 0, 30) if place == "header" else (b"PK\x01\x02", 2, 46)
    for start in [match.start() for match in re.finditer(record, content)]:
        content[start + offsets[0] + shift : start + offsets[1] + shift] = value
        content[start + name] = 0xFF  # not valid UTF-8
    archive.write_bytes(content)
    with pytest.raises(DataError):
        emnist.read_emnist(archive, "letters")


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_any_damage_is_a_data_error(tmp_path_factory, data):
    buffer = io.BytesIO()
    make_archive(buffer)
    content = bytearray(buffer.getvalue())
    content[data.draw(st.integers(0, len(content) - 1))] ^= data.draw(st.integers(1, 255))
    path = tmp_path_factory.mktemp("damaged") / "gzip.zip"
    path.write_bytes(content)
    try:
        dataset = emnist.read_emnist(path, "letters")
    except DataError:
        return
    assert len(dataset.train) == 52


@given(st.binary(max_size=60))
def test_any_mapping_is_read_or_refused(data):
    try:
        names = parse_mapping(data, "mapping")
    except DataError:
        return
    assert len(set(names.values())) == len(names) > 0


@pytest.fixture
def upstream(tmp_path, monkeypatch):
    """The archive at an address of this machine, with its checksum."""
    path = tmp_path / "upstream.zip"
    make_archive(path)
    content = path.read_bytes()
    monkeypatch.setattr(emnist, "URL", path.as_uri())
    monkeypatch.setattr(emnist, "SIZE", len(content))
    monkeypatch.setattr(emnist, "SHA256", hashlib.sha256(content).hexdigest())
    return path


def test_it_is_downloaded_once(data_directory, upstream):
    assert len(load_dataset("emnist-letters").train) == 52
    upstream.unlink()
    assert len(load_dataset("emnist-letters").train) == 52
    assert [path.name for path in (data_directory / "emnist").iterdir()] == ["emnist.zip"]


@pytest.mark.parametrize("wrong", ["longer", "shorter", "missing"])
def test_a_wrong_archive_is_never_kept(data_directory, upstream, wrong):
    content = upstream.read_bytes()
    if wrong == "missing":
        upstream.unlink()
    else:
        upstream.write_bytes(content + b"x" if wrong == "longer" else content[:-1])
    with pytest.raises(DataError, match="could not be downloaded") as caught:
        load_dataset("emnist-letters")
    assert "\n" not in str(caught.value)
    assert not any(path for path in data_directory.rglob("*") if path.is_file())
