"""For any bytes, the server of the page answers or closes the connection, and serves the next one."""

import json
import socket
import sys
from collections.abc import Iterator
from contextlib import suppress
from http.client import HTTPConnection
from threading import Thread
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from scorp_runtime import Generator
from scorp_runtime.web.server import PageServer

TIMEOUT = 30  # s
ANSWERS = {100, 200, 400, 403, 404, 408, 411, 413, 414, 415, 417, 431, 501, 505}


class WatchedServer(PageServer):
    """A server that records the exceptions that its handlers do not catch."""

    uncaught: list[BaseException]

    def handle_error(self, request: Any, client_address: Any) -> None:
        error = sys.exc_info()[1]
        if error is not None and not isinstance(error, ConnectionError):
            self.uncaught.append(error)


@pytest.fixture(scope="module")
def server(generator: Generator) -> Iterator[WatchedServer]:
    with WatchedServer(generator, 0) as server:
        server.uncaught = []
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def send(server: WatchedServer, sent: bytes) -> bytes:
    """Send bytes, close the sending side, and return the answer."""
    received = b""
    address = ("127.0.0.1", server.server_port)
    # The server may close the connection early.
    with socket.create_connection(address, timeout=TIMEOUT) as connection, suppress(ConnectionError):
        connection.sendall(sent)
        connection.shutdown(socket.SHUT_WR)
        while part := connection.recv(1 << 16):
            received += part
    assert not server.uncaught, server.uncaught
    if received.startswith(b"HTTP/1."):
        assert int(received[9:12]) in ANSWERS
    return received


@settings(deadline=None)
@given(st.binary(max_size=200) | st.binary(max_size=60).map(lambda tail: b"GET / HTTP/1.1\r\n" + tail))
@example(b"GET /\r\n\r\n")
@example(b"A" * 70_000)
@example(b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * 200 + b"\r\n")
@example(b"GET / HTTP/1.1\r\nHost: " + b"a" * 70_000 + b"\r\n\r\n")
def test_any_bytes(server: WatchedServer, sent: bytes) -> None:
    send(server, sent)


# fmt: off
METHODS = ["GET", "HEAD", "POST", "PUT", "OPTIONS", "TRACE", "CONNECT", "get", "\xff", ""]
PATHS = [
    "/", "/draw", "/text/draw", "/model.onnx", "/models.json", "/..", "/%2e%2e/x", "//draw", "*", "http://a/", "/?x",
    "/\x00",
]
NAMES = [
    "Host", "Origin", "Content-Type", "Content-Length", "Transfer-Encoding", "Expect", "Connection", "Sec-Fetch-Site",
]
VALUES = [
    "application/json", "text/plain", "a; charset=\xff", "0", "2", "99", "-1", "1e3", "\xb2", "9" * 50, "chunked",
    "100-continue", "close", "keep-alive", "null", "none", "cross-site", "", "OWN", "http://OWN",
]
# fmt: on


@settings(deadline=None)
@given(
    method=st.sampled_from(METHODS),
    path=st.sampled_from(PATHS) | st.text(max_size=8),
    headers=st.lists(
        st.tuples(st.sampled_from(NAMES), st.sampled_from(VALUES) | st.text(max_size=6)), max_size=6
    ),
    has_host=st.booleans(),
    body=st.binary(max_size=20) | st.just(b"{}"),
    again=st.booleans(),
)
def test_any_request(
    server: WatchedServer,
    method: str,
    path: str,
    headers: list[tuple[str, str]],
    has_host: bool,
    body: bytes,
    again: bool,
) -> None:
    own = f"127.0.0.1:{server.server_port}"
    host = [("Host", own)] if has_host else []
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in (*host, *headers))]
    head = "\r\n".join(lines).replace("OWN", own) + "\r\n\r\n"
    sent = head.encode("utf-8", "replace") + body
    received = send(server, sent * 2 if again else sent)
    if not has_host and own not in head:
        assert b"200 OK" not in received


NUMBERS = st.integers() | st.floats() | st.integers(0, 9)
JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=10,
)
DRAWINGS: st.SearchStrategy[Any] = st.fixed_dictionaries(
    {
        "noise": JSON | st.lists(st.lists(NUMBERS, min_size=64, max_size=64), max_size=3),
        "labels": JSON | st.lists(NUMBERS, max_size=3),
        "styles": JSON | st.lists(st.lists(NUMBERS, min_size=3, max_size=3), max_size=3),
    }
)


@settings(deadline=None)
@given(JSON | DRAWINGS)
def test_any_drawing(server: WatchedServer, drawing: Any) -> None:
    connection = HTTPConnection("127.0.0.1", server.server_port, timeout=TIMEOUT)
    connection.request("POST", "/draw", json.dumps(drawing), {"Content-Type": "application/json"})
    response = connection.getresponse()
    answer = json.loads(response.read())
    connection.close()
    assert not server.uncaught, server.uncaught
    assert response.status in (200, 400), answer
    assert response.status == 200 or answer["error"].isprintable()
