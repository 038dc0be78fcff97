"""Downloads, trusted only by their SHA-256."""

import hashlib
import http.client
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.error import URLError

from scorp_runtime.files.atomic import atomic_file
from scorp_runtime.files.decoding import decoding
from scorp_train.files import make_folder

from .errors import DataError
from .idx import unzip

TIMEOUT = 20.0  # seconds without a byte
_PART = 1 << 20
_MOST_BYTES = 256 << 20  # far above the size of every file that is read whole


def fetch_file(url: str, size: int, sha256: str, path: Path) -> None:
    """Download `url`, of `size` bytes, to `path`, which appears only if its SHA-256 is right. Raises `DataError`."""
    digest = hashlib.sha256()
    make_folder(path.parent)
    with atomic_file(path) as file:
        for part in _parts(url, size):
            digest.update(part)
            file.write(part)
        _check(digest.hexdigest(), sha256, url)


def fetch_gzipped(url: str, sha256: str) -> bytes:
    """Return the unzipped content of `url`, whose SHA-256 is `sha256`. Raises `DataError`."""
    with decoding(DataError, url):
        data = unzip(b"".join(_parts(url, _MOST_BYTES)), _MOST_BYTES)
    return verified(data, sha256, url)


def verified(data: bytes, sha256: str, source: str) -> bytes:
    """Return `data` if its SHA-256 is `sha256`. Raises `DataError`, naming the `source`."""
    _check(hashlib.sha256(data).hexdigest(), sha256, source)
    return data


def _parts(url: str, limit: int) -> Iterator[bytes]:
    """Yield the body of `url`, at most `limit` bytes, in parts."""
    received = 0
    try:
        with urllib.request.urlopen(url, timeout=TIMEOUT) as response:
            while part := response.read(_PART):
                received += len(part)
                if received > limit:
                    raise DataError(f"{url}: more than {limit} bytes")
                yield part
    except (URLError, OSError, ValueError, http.client.HTTPException) as error:
        raise DataError(f"{url}: {getattr(error, 'reason', error)}") from error


def _check(found: str, expected: str, source: str) -> None:
    if found != expected:
        raise DataError(f"{source}: SHA-256 is {found[:12]}…, not {expected[:12]}…")
