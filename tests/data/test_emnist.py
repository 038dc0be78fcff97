"""EMNIST is read from NIST's archive: images stored transposed, letters counted from 1, one zip for all splits."""

import gzip
import hashlib
import io
import zipfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scorp_train.data import DataError, emnist, load_dataset
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
