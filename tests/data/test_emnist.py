"""EMNIST is read from NIST's archive as it is: pictures stored transposed, letters counted from 1, one zip for all."""

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

# Upstream's mapping files begin so: label, code of the capital, of letters also that of the small one.
LETTERS = "".join(f"{n} {64 + n} {96 + n}\r\n" for n in range(1, 27)).encode()
BALANCED = "".join(f"{n} {ord(c)}\n" for n, c in enumerate("0123456789ABab")).encode()


def upright_seven():
    """A bar at the top and a stem at the right."""
    image = np.zeros((28, 28), np.uint8)
    image[4:7, 6:22] = image[4:24, 19:22] = 255
    return image


def make_archive(path, split="letters", first=1, classes=26, mapping=LETTERS, **instead):
    """A small archive in upstream's form: members in a folder `gzip`, gzipped IDX, a mapping file in plain text."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"gzip/emnist-{split}-mapping.txt", mapping)
        for part in ("train", "test"):
            labels = np.arange(2 * classes, dtype=np.uint8) % classes + first
            images = np.repeat(upright_seven().T[None], len(labels), 0)
            for name, array in (("images-idx3", images), ("labels-idx1", labels)):
                data = instead.get(f"{part}_{name[:6]}", gzip.compress(format_idx(array)))
                archive.writestr(f"gzip/emnist-{split}-{part}-{name}-ubyte.gz", data)


def test_letters_are_upright_and_count_from_0(tmp_path):
    make_archive(tmp_path / "gzip.zip")
    dataset = emnist.read_emnist(tmp_path / "gzip.zip", "letters")
    assert dataset.name == "emnist-letters"
    assert dataset.classes == tuple("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    assert dataset.train.labels[:3].tolist() == [0, 1, 2]
    assert (dataset.train.images[0] == upright_seven()).all()
    assert dataset.train.images.flags.c_contiguous
    assert "Cohen" in dataset.licence


def test_a_split_of_both_cases_keeps_them_apart(tmp_path):
    make_archive(tmp_path / "gzip.zip", "balanced", 0, 14, BALANCED)
    dataset = emnist.read_emnist(tmp_path / "gzip.zip", "balanced")
    assert dataset.classes == tuple("0123456789ABab")
    assert dataset.test.labels.max() == 13


def test_every_split_is_a_registered_name():
    names = {
        "emnist-balanced",
        "emnist-byclass",
        "emnist-bymerge",
        "emnist-digits",
        "emnist-letters",
        "emnist-mnist",
    }
    assert names <= set(dataset_names())


@pytest.mark.fault(
    "Archive of `--data emnist-…`",
    "a member that is damaged, cut short or does not fit the others",
    "exit 1, naming it",
)
@pytest.mark.parametrize(
    ("instead", "named"),
    [
        ({"train_images": b"no gzip"}, "emnist-letters-train-images-idx3-ubyte.gz"),
        ({"test_labels": gzip.compress(bytes(100))[:-20]}, "emnist-letters-test-labels-idx1-ubyte.gz"),
        ({"train_labels": gzip.compress(format_idx(np.arange(52, dtype=np.uint8) + 1))}, "label 27"),
        ({"test_images": gzip.compress(format_idx(np.zeros((3, 28, 28), np.uint8)))}, "3 pictures"),
        ({"mapping": b"1 65\nword\n"}, "mapping"),
        ({"mapping": b""}, "no classes"),
    ],
)
def test_a_damaged_member_is_named(tmp_path, instead, named):
    make_archive(tmp_path / "gzip.zip", **instead)
    with pytest.raises(DataError, match=named) as caught:
        emnist.read_emnist(tmp_path / "gzip.zip", "letters")
    assert "\n" not in str(caught.value)


@pytest.mark.fault(
    "Archive of `--data emnist-…`", "a member that unzips without end", "exit 1: has more than … bytes"
)
def test_a_member_that_unzips_without_end_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(emnist, "_MOST_BYTES", 1 << 16)
    make_archive(tmp_path / "gzip.zip", train_images=gzip.compress(bytes(1 << 20)))
    with pytest.raises(DataError, match="more than 65536 bytes"):
        emnist.read_emnist(tmp_path / "gzip.zip", "letters")


@pytest.mark.parametrize("place", ["header", "directory"])
@pytest.mark.parametrize(
    ("offsets", "value"),
    [
        ((4, 6), b"\x54\x00"),  # needs version 8.4 of the zip format: NotImplementedError
        ((6, 8), b"\x01\x00"),  # encrypted: RuntimeError
        ((6, 8), b"\x00\x08"),  # a name in UTF-8 that is not: UnicodeDecodeError
        ((8, 10), b"\x0e\x00"),  # packed by LZMA, which it is not: LZMAError
        ((8, 10), b"\x63\x00"),  # packed by an unknown method: NotImplementedError
    ],
)
def test_an_archive_of_another_kind_is_a_data_error(tmp_path, place, offsets, value):
    buffer = io.BytesIO()
    make_archive(buffer)
    content = bytearray(buffer.getvalue())
    record, shift, name = (b"PK\x03\x04", 0, 30) if place == "header" else (b"PK\x01\x02", 2, 46)
    for start in [match.start() for match in re.finditer(record, content)]:
        content[start + offsets[0] + shift : start + offsets[1] + shift] = value
        content[start + name] = 0xFF  # of UTF-8, no character begins so
    (tmp_path / "gzip.zip").write_bytes(content)
    with pytest.raises(DataError):
        emnist.read_emnist(tmp_path / "gzip.zip", "letters")


@pytest.mark.fault("Archive of `--data emnist-…`", "any byte changed", "read as it was, or exit 1")
@settings(max_examples=40, deadline=None)
@given(st.data())
def test_any_damage_is_a_data_error(tmp_path_factory, data):
    buffer = io.BytesIO()
    make_archive(buffer)
    content = bytearray(buffer.getvalue())
    place = data.draw(st.integers(0, len(content) - 1))
    content[place] ^= data.draw(st.integers(1, 255))
    path = tmp_path_factory.mktemp("damaged") / "gzip.zip"
    path.write_bytes(content)
    try:
        dataset = emnist.read_emnist(path, "letters")
    except DataError:
        return
    assert len(dataset.train) == 52


@pytest.mark.fault(
    "Archive of `--data emnist-…`", "members of absolute names and of `../`", "nothing is written for them"
)
def test_nothing_of_an_archive_is_unpacked(tmp_path):
    archive = tmp_path / "data" / "gzip.zip"
    archive.parent.mkdir()
    make_archive(archive)
    with zipfile.ZipFile(archive, "a") as more:
        for name in ("../stray", "/stray", str(tmp_path / "stray")):
            more.writestr(name, b"x")
    before = sorted(tmp_path.rglob("*"))
    assert len(emnist.read_emnist(archive, "letters").train) == 52
    assert sorted(tmp_path.rglob("*")) == before


@given(st.binary(max_size=60))
def test_any_mapping_is_read_or_refused(data):
    try:
        names = parse_mapping(data, "mapping")
    except DataError:
        return
    assert len(set(names.values())) == len(names) > 0


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """An empty cache, no checkout around."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(emnist, "beside_checkout", lambda name: iter(()))
    return tmp_path / "cache" / "scorp" / "emnist"


def serve(tmp_path, monkeypatch, sha256=None):
    """The archive at an address of this machine, with what is known of it."""
    upstream = tmp_path / "upstream.zip"
    make_archive(upstream)
    content = upstream.read_bytes()
    monkeypatch.setattr(emnist, "URL", upstream.as_uri())
    monkeypatch.setattr(emnist, "SIZE", len(content))
    monkeypatch.setattr(emnist, "SHA256", sha256 or hashlib.sha256(content).hexdigest())
    return upstream


def test_it_is_fetched_once(cache, tmp_path, monkeypatch):
    upstream = serve(tmp_path, monkeypatch)
    assert len(load_dataset("emnist-letters").train) == 52
    upstream.unlink()
    assert len(load_dataset("emnist-letters").train) == 52
    assert [path.name for path in cache.iterdir()] == ["emnist.zip"]


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param(
            wrong,
            marks=pytest.mark.fault(
                "Archive of `--data emnist-…`",
                f"a download: {what}",
                "exit 1: could not be fetched; it is not kept",
            ),
        )
        for wrong, what in (
            ("checksum", "another SHA-256"),
            ("longer", "too long"),
            ("shorter", "too short"),
            ("nowhere", "no answer"),
        )
    ],
)
def test_a_wrong_archive_is_never_kept(cache, tmp_path, monkeypatch, wrong):
    upstream = serve(tmp_path, monkeypatch, "0" * 64 if wrong == "checksum" else None)
    if wrong == "nowhere":
        upstream.unlink()
    elif wrong != "checksum":
        monkeypatch.setattr(emnist, "SIZE", emnist.SIZE + (1 if wrong == "shorter" else -1))
    with pytest.raises(DataError, match="could not be fetched") as caught:
        load_dataset("emnist-letters")
    assert "\n" not in str(caught.value)
    assert not cache.exists() or not any(cache.iterdir())
