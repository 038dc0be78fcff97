"""`scorp-gen serve` serves the page and images to this machine, and refuses everyone else."""

import base64
import http.client
import json
import re
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Thread
from typing import Any

import numpy as np
import pytest

from scorp_runtime import Generator
from scorp_runtime.cli import main
from scorp_runtime.web.server import MOST_IMAGES, PageServer

JSON = {"Content-Type": "application/json"}
Answer = tuple[int, dict[str, str], bytes]


@contextmanager
def serving(model: Any, port: int = 0) -> Iterator[PageServer]:
    with PageServer(Generator(model), port) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture(scope="module")
def server(tiny_path: Path) -> Iterator[PageServer]:
    with serving(tiny_path) as server:
        yield server


def send(
    server: PageServer,
    method: str,
    path: str,
    body: bytes | None = None,
    headers: dict[str, str] | None = None,
) -> Answer:
    connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=10)
    connection.request(method, path, body, headers or {})
    response = connection.getresponse()
    answer = response.status, {name.lower(): value for name, value in response.getheaders()}, response.read()
    connection.close()
    return answer


def draw(server: PageServer, document: Any, **headers: str) -> Answer:
    return send(server, "POST", "/draw", json.dumps(document).encode(), JSON | headers)


def drawing(count: int = 1, **change: Any) -> dict[str, Any]:
    return {"noise": [[256] * 9] * count, "labels": [3] * count, "styles": [[3.0, 5.0, 8.0]] * count} | change


def test_the_page_and_the_model_are_served(server: PageServer, tiny_bytes: bytes) -> None:
    status, headers, body = send(server, "GET", "/")
    assert status == 200
    assert headers["content-type"] == "text/html; charset=utf-8"
    for name in re.findall(rb'(?:src|href)="\./([^"]+)"', body):
        assert send(server, "GET", f"/{name.decode()}")[0] == 200
    assert send(server, "GET", "/model.onnx")[2] == tiny_bytes
    assert send(server, "HEAD", "/")[::2] == (200, b"")


@pytest.mark.parametrize(
    ("model", "place"), [("my models/é'.onnx", "{folder}/my models/é'.onnx"), ("text", "text")]
)
def test_a_chosen_model_is_the_only_one_and_has_the_value_of_its_option(
    tmp_path: Path, tiny_bytes: bytes, monkeypatch: pytest.MonkeyPatch, model: str, place: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("my models").mkdir()
    Path("my models/é'.onnx").write_bytes(tiny_bytes)
    with serving(model) as server:
        (entry,) = json.loads(send(server, "GET", "/models.json")[2])
    assert entry["argument"] == place.format(folder=Path.cwd())
    assert entry["classes"] == list(Generator(model).classes)


def test_by_default_the_page_has_both_bundled_models() -> None:
    with serving(None) as server:
        entries = json.loads(send(server, "GET", "/models.json")[2])
        assert [entry["argument"] for entry in entries] == [None, "text"]
        for name, entry in zip(("digits", "text"), entries, strict=True):
            generator = Generator(name)
            assert entry["classes"] == list(generator.classes)
            path = entry["url"].removeprefix(".")
            assert send(server, "GET", path)[2] == generator.model_file.read()
            inputs = [[0.0] * generator.noise_size], [1], [[knob.low for knob in generator.knobs]]
            body = json.dumps(dict(zip(("noise", "labels", "styles"), inputs, strict=True))).encode()
            status, _, answer = send(server, "POST", path.replace("model.onnx", "draw"), body, JSON)
            assert status == 200
            pixels = base64.b64decode(json.loads(answer)["pixels"])
            assert pixels == generator.synthesize(*map(np.array, inputs)).tobytes()


def test_pixels_are_those_of_the_generator(server: PageServer, tiny_path: Path) -> None:
    count = 70  # more than one micro-batch
    noise = np.arange(count * 9).reshape(count, 9) % 500 - 250
    labels = np.arange(count) % 10
    styles = np.tile([3.0, -5.5, 8.125], (count, 1))
    status, _, body = draw(
        server, {"noise": noise.tolist(), "labels": labels.tolist(), "styles": styles.tolist()}
    )
    answer = json.loads(body)
    expected = Generator(tiny_path).synthesize(noise / 256, labels, styles)
    assert (status, answer["shape"]) == (200, [count, 12, 10])
    assert base64.b64decode(answer["pixels"]) == expected.tobytes()


def test_all_answers_have_security_headers(server: PageServer) -> None:
    for _, headers, _ in (send(server, "GET", "/"), send(server, "GET", "/none"), draw(server, drawing())):
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cross-origin-resource-policy"] == "same-origin"
        assert headers["referrer-policy"] == "no-referrer"
        assert "access-control-allow-origin" not in headers


@pytest.mark.parametrize(
    ("name", "value", "status"),
    [
        ("Host", "evil.example", 403),
        ("Host", "127.0.0.1", 403),
        ("Host", "127.0.0.1:1", 403),
        ("Host", "", 403),
        ("Host", "localhost:PORT", 200),
        ("Origin", "http://127.0.0.1:PORT", 200),
        ("Origin", "https://evil.example", 403),
        ("Origin", "null", 403),
        ("Sec-Fetch-Site", "cross-site", 403),
        ("Sec-Fetch-Site", "same-site", 403),
        ("Content-Type", "text/plain", 415),
        ("Content-Type", "multipart/form-data", 415),
    ],
)
def test_only_the_page_itself_may_draw(server: PageServer, name: str, value: str, status: int) -> None:
    value = value.replace("PORT", str(server.server_port))
    assert draw(server, drawing(), **{name: value})[0] == status


def test_browsers_may_omit_the_port_of_http(tiny_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    monkeypatch.setattr("scorp_runtime.web.server._HTTP_PORT", port)
    with serving(tiny_path, port) as server:
        for host in ("localhost", "127.0.0.1", f"localhost:{port}"):
            assert send(server, "GET", "/", headers={"Host": host})[0] == 200
            assert draw(server, drawing(), Host=host, Origin=f"http://{host}")[0] == 200
        assert send(server, "GET", "/", headers={"Host": "evil.example"})[0] == 403
        assert draw(server, drawing(), Host="localhost", Origin="http://localhost:1")[0] == 403


@pytest.mark.parametrize(("error", "status"), [(MemoryError(), 503), (ZeroDivisionError("any"), 500)])
def test_an_internal_error_is_answered(
    server: PageServer, monkeypatch: pytest.MonkeyPatch, error: Exception, status: int
) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(Generator, "synthesize", fail)
    answered, _, body = draw(server, drawing())
    assert answered == status
    assert json.loads(body)["error"]
    monkeypatch.undo()
    assert draw(server, drawing())[0] == 200


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ([], "noise, labels and styles"),
        ({"noise": []}, "noise, labels and styles"),
        (drawing(more=1), "noise, labels and styles"),
        (drawing(0), "1 to 1024 images, not 0"),
        (drawing(MOST_IMAGES + 1), "1 to 1024 images, not 1025"),
        (drawing(labels=[10]), "labels.* 0 to 9"),
        (drawing(labels=[True]), "labels must be a list of numbers"),
        (drawing(noise=[[1, 2]]), r"noise .*\(1, 9\)"),
        (drawing(noise=[[1], [1, 2]]), "noise must be a list of lists"),
        (drawing(noise=[[10**400] * 9]), "noise must be a list of lists"),
        (drawing(noise=[[float("nan")] * 9]), "noise"),
        (drawing(styles=[[1e300] * 3]), "styles"),
        (drawing(styles=None), "styles must be a list of lists"),
        # As a NumPy array, the short texts would take a terabyte.
        (drawing(labels=["a" * 10**6, *["a"] * 250_000]), "labels"),
        *((invalid, "") for invalid in (b"", b"{", b"\xff", b"[" * 100_000, b"[" + b"9" * 5000 + b"]")),
    ],
    ids=lambda part: str(part)[:40],
)
def test_invalid_inputs_are_refused(server: PageServer, document: Any, reason: str) -> None:
    sent = document if isinstance(document, bytes) else json.dumps(document).encode()
    status, _, body = send(server, "POST", "/draw", sent, JSON)
    assert status == 400
    assert re.search(reason, json.loads(body)["error"])


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("GET", "/../pyproject.toml", {}, 404),
        ("GET", "/draw", {}, 404),
        ("POST", "/", JSON, 404),
        ("POST", "/model.onnx", JSON, 404),
        ("POST", "/text/draw", JSON, 404),
        ("PUT", "/draw", JSON, 501),
        ("POST", "/draw", {**JSON, "Content-Length": str(10**8)}, 413),
        ("POST", "/draw", {**JSON, "Content-Length": "9" * 30}, 413),
        ("POST", "/draw", {**JSON, "Content-Length": "-1"}, 411),
        ("POST", "/draw", {**JSON, "Transfer-Encoding": "chunked"}, 411),
    ],
)
def test_other_requests_are_refused_before_the_body_is_read(
    server: PageServer, method: str, path: str, headers: dict[str, str], status: int
) -> None:
    assert send(server, method, path, None, headers)[0] == status


def test_connections_beyond_the_limit_are_closed(server: PageServer) -> None:
    with ExitStack() as open_ones:
        for _ in range(20):
            last = open_ones.enter_context(
                socket.create_connection(("127.0.0.1", server.server_port), timeout=10)
            )
        assert last.recv(1) == b""
    while True:  # until the threads have noticed that their clients disconnected
        try:
            assert send(server, "GET", "/")[0] == 200
            break
        except (http.client.HTTPException, ConnectionError):
            continue


@pytest.mark.parametrize(
    "head", ["", "GET / HTTP/1.1\r\n", "POST /draw HTTP/1.1\r\n{}Content-Length: 9\r\n\r\n"]
)
def test_a_silent_connection_is_closed(
    server: PageServer, head: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scorp_runtime.web.server._Handler.timeout", 0.2)
    fields = f"Host: 127.0.0.1:{server.server_port}\r\nContent-Type: application/json\r\n"
    with socket.create_connection(("127.0.0.1", server.server_port), timeout=10) as connection:
        connection.sendall(head.format(fields).encode())
        assert connection.recv(1) == b""


@pytest.mark.skipif(sys.platform == "win32", reason="SIGINT to another process")
def test_the_command_prints_its_address_and_ends_with_ctrl_c(begin: Any) -> None:
    process = begin("serve", "--port", "0")
    line = process.stderr.readline().decode()
    address = re.search(r"http://127\.0\.0\.1:(\d+)/", line)
    assert address is not None, line
    connection = http.client.HTTPConnection("127.0.0.1", int(address[1]), timeout=10)
    connection.request("GET", "/")
    assert connection.getresponse().status == 200
    connection.close()
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=10) == 130


def test_a_port_in_use_is_reported_in_one_line(server: PageServer, fails: Any) -> None:
    assert str(server.server_port) in fails(1, "serve", "--port", server.server_port)


def test_the_page_can_be_opened_in_a_browser(tiny_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr("webbrowser.open", opened.append)
    monkeypatch.setattr(PageServer, "serve_forever", lambda server: opened.append(server.url))
    for options in ([], ["--open"]):
        assert main.main(["serve", "--port", "0", "--model", str(tiny_path), *options]) == 0
    assert len(opened) == 3
    assert opened[1] == opened[2]
