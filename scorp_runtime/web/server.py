"""The page that is packed with the runtime, and the pixels that it asks for, over HTTP on this machine alone.

`docs/web.md` documents the endpoints. Only programs of this machine and the page itself are answered: the socket is
bound to 127.0.0.1, a foreign `Host` is refused, so that no web site reaches in under a name of its own (DNS
rebinding), and so is a drawing asked for by a page of another origin. Every request is bounded in bytes, pictures and
time.
"""

import base64
import io
import json
import socket
import time
from collections.abc import Mapping
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from threading import BoundedSemaphore
from typing import Any, NamedTuple
from urllib.parse import quote

import numpy as np

from scorp_runtime.errors import RequestError, ScorpError
from scorp_runtime.generator import Generator
from scorp_runtime.model.bundled import DEFAULT, ModelFile, missing_file
from scorp_runtime.version import __version__

HOST = "127.0.0.1"
MOST_PICTURES = 1024
"""Pictures of one request."""

_LARGEST_BODY = 1 << 22  # bytes; so many pictures of a model of a few hundred noise inputs fit in
_PATIENCE = (
    10.0  # seconds from one answer to the last byte of the next request, after which a connection is closed
)
_MOST_CONNECTIONS = 16
_HTTP_PORT = 80
_NORMAL = 256  # noise comes in 256ths
_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
}
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}


class PageServer(ThreadingHTTPServer):
    """Serves the page of one generator at `url` until it is shut down.

    Args:
        generator: draws what the page asks for.
        port: to listen at; 0 takes any that is free.

    Raises:
        OSError: if the port is taken.
    """

    daemon_threads = True
    allow_reuse_address = True  # a port is free again as soon as the server has ended

    def __init__(self, generator: Generator, port: int) -> None:
        self.generator = generator
        self.documents = _documents(generator)
        self._free = BoundedSemaphore(_MOST_CONNECTIONS)
        super().__init__((HOST, port), _Handler)
        names = (HOST, "localhost")
        self.hosts = {f"{name}:{self.server_port}" for name in names}
        if self.server_port == _HTTP_PORT:  # browsers leave it out
            self.hosts.update(names)

    @property
    def url(self) -> str:
        """Where the page is."""
        return f"http://{HOST}:{self.server_port}/"

    def process_request(self, request: Any, client_address: Any) -> None:
        """Answer in a thread, unless all are busy."""
        if self._free.acquire(blocking=False):
            super().process_request(request, client_address)
        else:
            self.shutdown_request(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Answer one connection."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._free.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: a reader that went away is no failure of the server."""


class _RefusedError(Exception):
    """A request is answered with a status that is an error, and one line that says why."""

    def __init__(self, status: HTTPStatus, reason: str) -> None:
        super().__init__(reason)
        self.status = status


def _refusal(error: Exception) -> tuple[HTTPStatus, str]:
    """Return the status and the reason that an error is answered with."""
    if isinstance(error, _RefusedError):
        return error.status, str(error)
    if isinstance(error, RequestError):
        return HTTPStatus.BAD_REQUEST, str(error)
    if isinstance(error, MemoryError):
        return HTTPStatus.SERVICE_UNAVAILABLE, "out of memory"
    reason = str(error) if isinstance(error, ScorpError) else type(error).__name__
    return HTTPStatus.INTERNAL_SERVER_ERROR, reason


class _Document(NamedTuple):
    kind: str
    body: bytes
    headers: Mapping[str, str] = {}


class _HastyReader(io.RawIOBase):
    """The bytes of a connection, each of which has to come before a common end in time."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self.wait_from_now()

    def wait_from_now(self) -> None:
        """Set the end anew."""
        self._end = time.monotonic() + _PATIENCE

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError("the request did not come in time")
        self._connection.settimeout(left)
        try:
            return self._connection.recv_into(buffer)
        finally:
            self._connection.settimeout(_PATIENCE)  # for the answer


class _Handler(BaseHTTPRequestHandler):
    server: PageServer
    protocol_version = "HTTP/1.1"
    default_request_version = "HTTP/1.0"  # an answer in the manner of 0.9 would have no headers
    timeout = _PATIENCE
    wbufsize = (
        -1
    )  # head and body leave together: apart, the second would wait for the first to be acknowledged
    disable_nagle_algorithm = True

    def setup(self) -> None:
        """Read from the connection with an end in time: a byte now and then keeps nobody waiting."""
        super().setup()
        self._reader = _HastyReader(self.connection)
        self.rfile.close()
        self.rfile = io.BufferedReader(self._reader)

    def handle_one_request(self) -> None:
        """Answer one request, which has to come whole in time."""
        self._reader.wait_from_now()
        super().handle_one_request()

    def do_GET(self) -> None:
        self._answer(self._document)

    do_HEAD = do_GET  # noqa: N815

    def do_POST(self) -> None:
        self._answer(self._drawing)

    def version_string(self) -> str:
        """Return what the server calls itself: not the version of Python, too."""
        return f"scorp-runtime/{__version__}"

    def log_message(self, format: str, *arguments: Any) -> None:
        """Keep silent: the requests of a page are no news."""

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Answer what http.server itself refuses in the manner of everything else."""
        self.close_connection = True
        self._send(HTTPStatus(code), _json({"error": message or HTTPStatus(code).phrase}))

    def _answer(self, make: Any) -> None:
        try:
            self._check_host()
            status, document = HTTPStatus.OK, make()
        except OSError:  # the connection is broken, or the request did not come in time
            raise
        except Exception as error:
            status, reason = _refusal(error)
            document = _json({"error": reason})
            self.close_connection |= not isinstance(error, ScorpError)  # a body may be left unread
        self._send(status, document)

    def _check_host(self) -> None:
        if self.headers.get("Host", "").lower() not in self.server.hosts:
            raise _RefusedError(HTTPStatus.FORBIDDEN, "this server answers to its own name only")

    def _check_sender(self) -> None:
        """Refuse what a page of another origin sends: it can neither send JSON unasked nor hide where it is from."""
        origin = self.headers.get("Origin", f"http://{self.headers['Host']}").lower()
        foreign = origin.removeprefix("http://") not in self.server.hosts
        if foreign or self.headers.get("Sec-Fetch-Site", "none") not in ("none", "same-origin"):
            raise _RefusedError(HTTPStatus.FORBIDDEN, "this server draws for its own page only")
        if self.headers.get_content_type() != "application/json":
            raise _RefusedError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "a request is application/json")

    def _document(self) -> _Document:
        path = self.path.partition("?")[0].removeprefix("/") or "index.html"
        if path not in self.server.documents:
            raise _RefusedError(HTTPStatus.NOT_FOUND, "there is no such page")
        return self.server.documents[path]

    def _drawing(self) -> _Document:
        if self.path != "/draw":
            raise _RefusedError(HTTPStatus.NOT_FOUND, "POST goes to /draw")
        self._check_sender()
        return _json(_draw(self.server.generator, _read_json(self._body())))

    def _body(self) -> bytes:
        length = self.headers.get("Content-Length", "")
        if "Transfer-Encoding" in self.headers or not (length.isascii() and length.isdigit()):
            raise _RefusedError(HTTPStatus.LENGTH_REQUIRED, "a request tells its length")
        if len(length) > 9 or int(length) > _LARGEST_BODY:
            raise _RefusedError(
                HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"a request has at most {_LARGEST_BODY} bytes"
            )
        return self.rfile.read(int(length))

    def _send(self, status: HTTPStatus, document: _Document) -> None:
        self.send_response(status)
        for name, value in {**_HEADERS, **document.headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Type", document.kind)
        self.send_header("Content-Length", str(len(document.body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(document.body)


def _documents(generator: Generator) -> dict[str, _Document]:
    """Return what GET answers: the files of the page, and the model.

    Raises:
        ScorpError: if the page is not installed.
    """
    folder = files(__package__).joinpath("page")
    if not folder.joinpath("index.html").is_file():
        raise ScorpError(missing_file(folder.joinpath("index.html")))
    page = {
        entry.name: _Document(_TYPES[suffix], entry.read_bytes())
        for entry in folder.iterdir()
        if (suffix := f".{entry.name.rpartition('.')[2]}") in _TYPES
    }
    return {**page, "model.onnx": _model(generator.model_file)}


def _model(file: ModelFile) -> _Document:
    """Return a model with what `--model` says of it, unless it is the one that is taken unasked."""
    is_default = file.bundled and file.place == DEFAULT
    place = {} if is_default else {"Scorp-Model": quote(file.place, errors="replace")}
    return _Document("application/octet-stream", file.read(), place)


def _json(document: Mapping[str, object]) -> _Document:
    return _Document("application/json", json.dumps(document).encode())


def _read_json(body: bytes) -> Mapping[str, Any]:
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        raise RequestError("the request is no JSON") from None
    if not isinstance(document, dict) or document.keys() != {"noise", "labels", "styles"}:
        raise RequestError("a request is an object of noise, labels and styles")
    return document


def _draw(generator: Generator, asked: Mapping[str, Any]) -> dict[str, object]:
    """Run the network on what was asked and return the answer."""
    labels = _numbers(asked["labels"], "labels", 1)
    if not 1 <= len(labels) <= MOST_PICTURES:
        raise RequestError(f"a request is for 1 to {MOST_PICTURES} pictures, not {len(labels)}")
    noise = _numbers(asked["noise"], "noise", 2) / _NORMAL
    styles = _numbers(asked["styles"], "styles", 2)
    images = generator.synthesize(noise, labels, styles)
    return {"shape": images.shape, "pixels": base64.b64encode(images.tobytes()).decode()}


def _numbers(value: object, name: str, dimensions: int) -> Any:
    """Return nested lists of numbers as an array; texts never become one, as all would be as long as the longest."""
    rows: Any = [value] if dimensions == 1 else value
    try:
        is_whole = all(
            isinstance(row, list) and all(type(item) in (int, float) for item in row) for row in rows
        )
        array = np.array(value) if is_whole else np.empty(0, object)
    except (TypeError, ValueError):
        array = np.empty(0, object)
    if array.dtype.kind not in "if" or array.ndim != dimensions:
        kind = "a list of numbers" if dimensions == 1 else "a list of lists of numbers, all of one length"
        raise RequestError(f"{name} must be {kind}")
    return array
