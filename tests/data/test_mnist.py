"""MNIST is read from the data directory, or downloaded and checked; the directory never holds a wrong file."""

import gzip
import hashlib
import http.server
import threading

import numpy as np
import pytest

from scorp_train.data import DataError, download, load_dataset, mnist
from scorp_train.data.idx import format_idx
from scorp_train.data.idx_folder import FILES


@pytest.fixture
def content(monkeypatch):
    """Four small files in place of MNIST's."""
    images, labels = np.zeros((10, 28, 28), np.uint8), np.arange(10, dtype=np.uint8)
    files = {name: format_idx(images if "images" in name else labels) for name in FILES}
    sums = {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
    monkeypatch.setattr(mnist, "SHA256", sums)
    return files


@pytest.fixture
def mirror(monkeypatch):
    """The pages of a mirror on this machine, by path; there are none yet."""
    pages = {}

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200 if self.path in pages else 404)
            self.end_headers()
            self.wfile.write(pages.get(self.path, b""))

        def log_message(self, *arguments):
            pass

    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        monkeypatch.setattr(mnist, "MIRRORS", (f"http://127.0.0.1:{running.server_port}/",))
        thread = threading.Thread(target=running.serve_forever, args=(0.01,))
        thread.start()
        yield pages
        running.shutdown()
        thread.join()


def test_a_mirror_is_used_once(data_directory, mirror, content):
    mirror.update({f"/{name}.gz": gzip.compress(data) for name, data in content.items()})
    assert len(mnist.load_mnist().train) == 10
    assert sorted(path.name for path in (data_directory / "mnist").iterdir()) == sorted(FILES)
    mirror.clear()
    assert mnist.load_mnist().licence == "CC BY-SA 3.0"


@pytest.mark.parametrize(
    ("page", "message"),
    [
        (None, "--data DIR"),
        (gzip.compress(b"something else", mtime=0), "SHA-256"),
        (gzip.compress(bytes(1000), mtime=0)[:-9], "Compressed file ended"),
        (b"<html>", "Not a gzipped file"),
        (gzip.compress(bytes(2_000_000), mtime=0), "more than 1000000 bytes"),
        (bytes(1_000_001), "more than 1000000 bytes"),
    ],
)
def test_a_wrong_download_is_refused_and_not_kept(
    data_directory, mirror, content, monkeypatch, page, message
):
    monkeypatch.setattr(download, "_MOST_BYTES", 1_000_000)
    if page is not None:
        mirror[f"/{FILES[0]}.gz"] = page
    with pytest.raises(DataError, match=message) as caught:
        mnist.load_mnist()
    assert str(data_directory) in str(caught.value)
    assert "\n" not in str(caught.value)
    assert not any(data_directory.rglob("*"))


def test_a_damaged_file_is_reported(data_directory, content):
    (data_directory / "mnist").mkdir(parents=True)
    for name, data in content.items():
        (data_directory / "mnist" / name).write_bytes(data[:-1] + b"!")
    with pytest.raises(DataError, match=f"{FILES[0]} is damaged"):
        mnist.load_mnist()


def test_the_default_data_directory_is_in_the_cache(tmp_path, monkeypatch, content):
    monkeypatch.delenv("SCORP_DATA", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert mnist.find_mnist() is None
    (tmp_path / "scorp" / "mnist").mkdir(parents=True)
    for name, data in content.items():
        (tmp_path / "scorp" / "mnist" / name).write_bytes(data)
    assert len(load_dataset("mnist").test) == 10


def test_real_mnist():
    if mnist.find_mnist() is None:
        pytest.skip("MNIST is not on this machine")
    dataset = load_dataset()
    assert (len(dataset.train), len(dataset.test)) == (60_000, 10_000)
    assert dataset.classes == tuple("0123456789")
    assert dataset.train.labels[:5].tolist() == [5, 0, 4, 1, 9]
