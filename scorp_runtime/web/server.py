"""A local HTTP server for the packed page, and for the images that the page requests.

`docs/how-to/browser.md` documents the endpoints. Only programs on this machine and the page itself get an answer: the
socket is bound to 127.0.0.1, an unknown `Host` is refused (as in DNS rebinding by a web site), and so are requests from
pages of other origins. Each request is limited in bytes, images and time.
"""

import base64
import json
from collections.abc import Callable, Mapping
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import BoundedSemaphore
from typing import Any, NamedTuple

import numpy as np

from scorp_runtime.errors import RequestError, ScorpError
from scorp_runtime.generator import Generator
from scorp_runtime.model.bundled import DEFAULT, TEXT, missing_file
from scorp_runtime.version import __version__

HOST = "127.0.0.1"
MOST_IMAGES = 1024
"""Most images of one request."""

_LARGEST_BODY = 1 << 22  # bytes: enough for as many images of a model with a few hundred noise inputs
_TIMEOUT = 10.0  # seconds after which a silent connection is closed
_MOST_CONNECTIONS = 16
_HTTP_PORT = 80
_PAGE = Path(__file__).with_name("page")
_NOISE_UNIT = 256  # requests have noise in 256ths
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
    """Serves the page of a generator at `url` until it is shut down.

    Args:
        generator: draws the images that the page requests. If its model is the default one, the page also offers
            the bundled model `text`.
        port: 0 selects a free one.

    Raises:
        OSError: if the port is in use.
        ScorpError: if the page or the model `text` is not installed.
    """

    daemon_threads = True
    allow_reuse_address = True  # the port is free as soon as the server has ended

    def __init__(self, generator: Generator, port: int) -> None:
        self.generators = _generators(generator)
        self.documents = _documents(self.generators)
        self._free = BoundedSemaphore(_MOST_CONNECTIONS)
        super().__init__((HOST, port), _Handler)
        names = (HOST, "localhost")
        self.hosts = {f"{name}:{self.server_port}" for name in names}
        if self.server_port == _HTTP_PORT:  # browsers omit this port
            self.hosts.update(names)

    @property
    def url(self) -> str:
        """Address of the page."""
        return f"http://{HOST}:{self.server_port}/"

    def process_request(self, request: Any, client_address: Any) -> None:
        """Answer in a new thread, or close the connection if there are too many."""
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
        """Print nothing: a client that disconnects is not a failure of the server."""


class _RefusedError(Exception):
    """A request that gets an error status and a one-line reason."""

    def __init__(self, status: HTTPStatus, reason: str) -> None:
        super().__init__(reason)
        self.status = status


class _Document(NamedTuple):
    kind: str
    body: bytes


class _Handler(BaseHTTPRequestHandler):
    server: PageServer
    protocol_version = "HTTP/1.1"
    default_request_version = "HTTP/1.0"  # an answer to HTTP/0.9 would have no headers
    timeout = _TIMEOUT
    wbufsize = -1  # send head and body together; apart, the body would wait for the head's acknowledgement
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        self._answer(self._document)

    do_HEAD = do_GET  # noqa: N815

    def do_POST(self) -> None:
        self._answer(self._drawing)

    def version_string(self) -> str:
        """Return the name and version of the server, without those of Python."""
        return f"scorp-runtime/{__version__}"

    def log_message(self, format: str, *arguments: Any) -> None:
        """Print nothing about the requests of a page."""

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Send the errors of http.server in the format of all others."""
        self.close_connection = True
        self._send(HTTPStatus(code), _json({"error": message or HTTPStatus(code).phrase}))

    def _answer(self, make: Callable[[], _Document]) -> None:
        try:
            if self.headers.get("Host", "").lower() not in self.server.hosts:
                raise _RefusedError(HTTPStatus.FORBIDDEN, "the Host header is not the name of this server")
            status, document = HTTPStatus.OK, make()
        except OSError:  # the connection is broken or timed out
            raise
        except Exception as error:
            status, reason = _status(error)
            document = _json({"error": reason})
            self.close_connection |= not isinstance(error, ScorpError)  # the body may be unread
        self._send(status, document)

    def _document(self) -> _Document:
        path = self.path.partition("?")[0]
        if path not in self.server.documents:
            raise _RefusedError(HTTPStatus.NOT_FOUND, "there is no such page")
        return self.server.documents[path]

    def _drawing(self) -> _Document:
        folder, _, name = self.path.rpartition("/")
        generator = self.server.generators.get(folder)
        if generator is None or name != "draw":
            raise _RefusedError(
                HTTPStatus.NOT_FOUND, "the path of a POST request must be /draw or that of another model"
            )
        self._check_sender()
        return _json(_draw(generator, self._body()))

    def _check_sender(self) -> None:
        """Refuse requests from pages of other origins, which cannot send JSON unnoticed nor hide their origin."""
        origin = self.headers.get("Origin", f"http://{self.headers['Host']}").lower()
        is_own = origin.removeprefix("http://") in self.server.hosts
        if not is_own or self.headers.get("Sec-Fetch-Site", "none") not in ("none", "same-origin"):
            raise _RefusedError(HTTPStatus.FORBIDDEN, "this server draws only for its own page")
        if self.headers.get_content_type() != "application/json":
            raise _RefusedError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "a request must be application/json")

    def _body(self) -> bytes:
        length = self.headers.get("Content-Length", "")
        if "Transfer-Encoding" in self.headers or not (length.isascii() and length.isdigit()):
            raise _RefusedError(HTTPStatus.LENGTH_REQUIRED, "a request must have a Content-Length")
        if len(length) > 9 or int(length) > _LARGEST_BODY:
            reason = f"a request must have at most {_LARGEST_BODY} bytes"
            raise _RefusedError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, reason)
        return self.rfile.read(int(length))

    def _send(self, status: HTTPStatus, document: _Document) -> None:
        self.send_response(status)
        headers = {"Content-Type": document.kind, "Content-Length": str(len(document.body))}
        for name, value in {**_HEADERS, **headers}.items():
            self.send_header(name, value)
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(document.body)


def _status(error: Exception) -> tuple[HTTPStatus, str]:
    """Return the status and the reason that an error is answered with."""
    if isinstance(error, _RefusedError):
        return error.status, str(error)
    if isinstance(error, RequestError):
        return HTTPStatus.BAD_REQUEST, str(error)
    if isinstance(error, MemoryError):
        return HTTPStatus.SERVICE_UNAVAILABLE, "out of memory"
    reason = str(error) if isinstance(error, ScorpError) else type(error).__name__
    return HTTPStatus.INTERNAL_SERVER_ERROR, reason


def _generators(generator: Generator) -> dict[str, Generator]:
    """Return the generators of the page by their folder, the one that it starts with first."""
    if not _is_default(generator):
        return {"": generator}
    more = Generator(TEXT, threads=generator.threads, backend=generator.backend)
    return {"": generator, f"/{TEXT}": more}


def _is_default(generator: Generator) -> bool:
    return generator.model_file.bundled and generator.model_file.place == DEFAULT


def _documents(generators: Mapping[str, Generator]) -> dict[str, _Document]:
    """Return the answers to GET by path: the files of the page, the models, and a list of the models."""
    if not (_PAGE / "index.html").is_file():
        raise ScorpError(missing_file(_PAGE / "index.html"))
    page = {
        f"/{file.name}": _Document(_TYPES[file.suffix], file.read_bytes())
        for file in _PAGE.iterdir()
        if file.suffix in _TYPES
    }
    models = {
        f"{folder}/model.onnx": _Document("application/octet-stream", generator.model_file.read())
        for folder, generator in generators.items()
    }
    entries = [_entry(folder, generator) for folder, generator in generators.items()]
    return {**page, "/": page["/index.html"], **models, "/models.json": _json(entries)}


def _entry(folder: str, generator: Generator) -> dict[str, object]:
    """Return what the page has to know of a model before it loads it; `argument` is the value of `--model`."""
    argument = None if _is_default(generator) else generator.model_file.place
    return {"url": f".{folder}/model.onnx", "argument": argument, "classes": generator.classes}


def _json(document: object) -> _Document:
    return _Document("application/json", json.dumps(document).encode())


def _draw(generator: Generator, body: bytes) -> dict[str, object]:
    """Run the network on the inputs in a request and return the answer."""
    try:
        request = json.loads(body)
    except (ValueError, RecursionError):
        raise RequestError("the request is not valid JSON") from None
    if not isinstance(request, dict) or request.keys() != {"noise", "labels", "styles"}:
        raise RequestError("a request must be an object with noise, labels and styles")
    labels = _numbers(request, "labels", 1)
    if not 1 <= len(labels) <= MOST_IMAGES:
        raise RequestError(f"a request is for 1 to {MOST_IMAGES} images, not {len(labels)}")
    noise = _numbers(request, "noise", 2) / _NOISE_UNIT
    images = generator.synthesize(noise, labels, _numbers(request, "styles", 2))
    return {"shape": images.shape, "pixels": base64.b64encode(images.tobytes()).decode()}


def _numbers(request: Mapping[str, Any], name: str, dimensions: int) -> Any:
    """Return lists of numbers as an array; texts are refused first, as NumPy pads all of them to the longest."""
    rows = [request[name]] if dimensions == 1 else request[name]
    try:
        is_numeric = all(isinstance(row, list) and {int, float}.issuperset(map(type, row)) for row in rows)
        array = np.array(request[name] if is_numeric else None)
    except (TypeError, ValueError):
        array = np.array(None)
    if array.dtype.kind not in "if" or array.ndim != dimensions:
        kind = (
            "a list of numbers" if dimensions == 1 else "a list of lists of numbers, all of the same length"
        )
        raise RequestError(f"{name} must be {kind}")
    return array
