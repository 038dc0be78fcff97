"""`scorp-gen serve` serves the page and pixels to this machine, and to nobody who reaches in."""

import base64
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import unquote

import numpy as np
import pytest

from scorp_runtime import Generator
from scorp_runtime.cli import main
from scorp_runtime.web.server import MOST_PICTURES, PageServer

JSON = {"Content-Type": "application/json"}
Answer = tuple[int, dict[str, str], bytes]


@pytest.fixture(scope="module")
def server(tiny_path: Path) -> Iterator[PageServer]:
    with PageServer(Generator(tiny_path), 0) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def ask(
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
    return ask(server, "POST", "/draw", json.dumps(document).encode(), JSON | headers)


def wish(count: int = 1, **change: Any) -> dict[str, Any]:
    return {"noise": [[256] * 9] * count, "labels": [3] * count, "styles": [[3.0, 5.0, 8.0]] * count} | change


def test_the_page_and_the_model_are_served(server: PageServer, tiny_bytes: bytes) -> None:
    status, headers, body = ask(server, "GET", "/")
    assert status == 200
    assert headers["content-type"] == "text/html; charset=utf-8"
    for name in re.findall(rb'(?:src|href)="\./([^"]+)"', body):
        assert ask(server, "GET", f"/{name.decode()}")[0] == 200
    assert ask(server, "GET", "/model.onnx")[2] == tiny_bytes
    assert ask(server, "HEAD", "/")[::2] == (200, b"")


@pytest.mark.parametrize(
    ("model", "place"),
    [("my models/é'.onnx", "{folder}/my models/é'.onnx"), ("letters", "letters"), (None, None)],
)
def test_the_model_comes_with_what_a_command_says_of_it(
    tmp_path: Path, tiny_bytes: bytes, monkeypatch: pytest.MonkeyPatch, model: str | None, place: str | None
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("my models").mkdir()
    Path("my models/é'.onnx").write_bytes(tiny_bytes)
    with PageServer(Generator(model), 0) as server:
        Thread(target=server.handle_request).start()
        told = ask(server, "HEAD", "/model.onnx")[1].get("scorp-model")
    assert (told and unquote(told)) == (place and place.format(folder=Path.cwd()))


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


def test_nothing_may_be_embedded_guessed_or_kept(server: PageServer) -> None:
    for _, headers, _ in (ask(server, "GET", "/"), ask(server, "GET", "/none"), draw(server, wish())):
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cross-origin-resource-policy"] == "same-origin"
        assert headers["referrer-policy"] == "no-referrer"
        assert "access-control-allow-origin" not in headers


@pytest.mark.fault("scorp-gen serve", "a foreign `Host`", "403")
@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1", "127.0.0.1:1", "localhost.evil.example", ""])
def test_a_foreign_name_is_refused(server: PageServer, host: str) -> None:
    assert ask(server, "GET", "/", headers={"Host": host})[0] == 403
    assert draw(server, wish(), Host=host)[0] == 403


def test_localhost_is_a_name_of_the_server(server: PageServer) -> None:
    name = f"localhost:{server.server_port}"
    assert draw(server, wish(), Host=name, Origin=f"http://{name}")[0] == 200


def test_a_browser_leaves_out_the_port_of_http(tiny_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    monkeypatch.setattr("scorp_runtime.web.server._HTTP_PORT", port)  # as 80 is of a real browser
    with PageServer(Generator(tiny_path), port) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        for host in ("localhost", "127.0.0.1", f"localhost:{port}"):
            assert ask(server, "GET", "/", headers={"Host": host})[0] == 200
            assert draw(server, wish(), Host=host, Origin=f"http://{host}")[0] == 200
        assert ask(server, "GET", "/", headers={"Host": "evil.example"})[0] == 403
        assert draw(server, wish(), Host="localhost", Origin="http://localhost:1")[0] == 403
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("error", "status"), [(MemoryError(), 503), (ZeroDivisionError("of all things"), 500)]
)
def test_a_request_that_fails_inside_is_answered(
    server: PageServer, monkeypatch: pytest.MonkeyPatch, error: Exception, status: int
) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(Generator, "synthesize", fail)
    answered, _, body = draw(server, wish())
    assert answered == status
    assert json.loads(body)["error"]
    monkeypatch.undo()
    assert draw(server, wish())[0] == 200


@pytest.mark.fault("scorp-gen serve", "a page of another origin", "403")
@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_a_page_of_another_origin_draws_nothing(server: PageServer, headers: dict[str, str]) -> None:
    assert draw(server, wish(), **headers)[0] == 403


@pytest.mark.fault("scorp-gen serve", "what a form could send", "415")
def test_what_a_foreign_form_could_send_is_refused(server: PageServer) -> None:
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data"):
        assert draw(server, wish(), **{"Content-Type": kind})[0] == 415


@pytest.mark.fault(
    "scorp-gen serve", "noise, labels or styles of wrong type, number, shape or range", "400, one line"
)
@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ([], "an object of noise, labels and styles"),
        ({"noise": []}, "an object of noise, labels and styles"),
        (wish(more=1), "an object of noise, labels and styles"),
        (wish(0), "1 to 1024 pictures, not 0"),
        (wish(MOST_PICTURES + 1), "1 to 1024 pictures, not 1025"),
        (wish(labels=[10]), "positions of classes, 0 to 9"),
        (wish(labels=[-1]), "positions of classes, 0 to 9"),
        (wish(labels=[1.5]), "whole numbers"),
        (wish(labels=["7"]), "labels must be a list of numbers"),
        (wish(labels=[True]), "labels must be a list of numbers"),
        (wish(noise=[[1, 2]]), r"noise must be numbers of shape \(1, 9\)"),
        (wish(noise=[[1], [1, 2]]), "noise must be a list of lists"),
        (wish(noise=[[10**400] * 9]), "noise must be a list of lists"),
        (wish(noise=[[float("nan")] * 9]), "noise must be finite"),
        (wish(styles=[[1e300] * 3]), "styles must be finite"),
        (wish(styles=None), "styles must be a list of lists"),
    ],
)
def test_a_wish_that_cannot_be_is_refused_in_one_line(server: PageServer, document: Any, reason: str) -> None:
    status, _, body = draw(server, document)
    assert status == 400
    assert re.search(reason, json.loads(body)["error"])


@pytest.mark.fault("scorp-gen serve", "a body that is no JSON, or nested 100,000 deep", "400")
@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[" * 100_000])
def test_what_is_no_json_is_refused(server: PageServer, body: bytes) -> None:
    assert ask(server, "POST", "/draw", body, JSON)[0] == 400


@pytest.mark.fault(
    "scorp-gen serve",
    "another path or method, a body too long or of no length",
    "404, 501, 413 or 411, nothing read",
)
@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("GET", "/../pyproject.toml", {}, 404),
        ("GET", "/draw", {}, 404),
        ("POST", "/", JSON, 404),
        ("PUT", "/draw", JSON, 501),
        ("POST", "/draw", {**JSON, "Content-Length": str(10**8)}, 413),
        ("POST", "/draw", {**JSON, "Content-Length": "9" * 30}, 413),
        ("POST", "/draw", {**JSON, "Content-Length": "-1"}, 411),
        ("POST", "/draw", {**JSON, "Transfer-Encoding": "chunked"}, 411),
    ],
)
def test_other_requests_are_refused_before_anything_is_read(
    server: PageServer, method: str, path: str, headers: dict[str, str], status: int
) -> None:
    assert ask(server, method, path, None, headers)[0] == status


@pytest.mark.fault("scorp-gen serve", "more than 16 connections at once", "closed; the others go on")
def test_connections_beyond_the_limit_are_closed_and_others_go_on(server: PageServer) -> None:
    idle = [socket.create_connection(("127.0.0.1", server.server_port), timeout=10) for _ in range(20)]
    try:
        closed = idle[-1].recv(1)  # without an answer
        assert closed == b""
    finally:
        for connection in idle:
            connection.close()
    while True:  # until the threads have seen that their readers went away
        try:
            assert ask(server, "GET", "/")[0] == 200
            break
        except (http.client.HTTPException, ConnectionError):
            continue


@pytest.mark.parametrize(
    "head", [b"", b"GET / HTTP/1.1\r\n", b"POST /draw HTTP/1.1\r\nContent-Length: 9\r\n\r\n"]
)
def test_a_request_that_comes_a_byte_at_a_time_is_cut_off(
    server: PageServer, head: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scorp_runtime.web.server._PATIENCE", 0.5)
    with socket.create_connection(("127.0.0.1", server.server_port), timeout=0.1) as connection:
        connection.sendall(head)
        is_open = True
        while is_open:  # each byte comes well within the patience, and the request never
            try:
                connection.sendall(b"a")
                is_open = connection.recv(1) != b""
            except TimeoutError:
                continue
            except ConnectionError:
                is_open = False


def test_it_listens_to_this_machine_alone(server: PageServer) -> None:
    assert server.socket.getsockname()[0] == "127.0.0.1"


def test_an_answer_has_its_headers_even_for_a_request_in_the_manner_of_http_0_9(server: PageServer) -> None:
    with socket.create_connection(("127.0.0.1", server.server_port), timeout=10) as connection:
        connection.sendall(f"GET /\r\nHost: 127.0.0.1:{server.server_port}\r\n\r\n".encode())
        answer = connection.makefile("rb").read()
    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"X-Content-Type-Options: nosniff\r\n" in answer


def test_a_long_text_among_short_ones_takes_no_more_memory_than_it_has(server: PageServer) -> None:
    """As an array of numpy, every text takes as much as the longest: here a terabyte."""
    for place in ("noise", "labels", "styles"):
        status, _, body = draw(server, wish(**{place: ["a" * 10**6, *["a"] * 250_000]}))
        assert (status, json.loads(body)["error"][: len(place)]) == (400, place)


@pytest.mark.skipif(sys.platform == "win32", reason="SIGINT to a process of its own")
def test_the_command_tells_its_address_and_ends_by_ctrl_c(
    tiny_path: Path, environment: dict[str, str]
) -> None:
    command = [sys.executable, "-m", "scorp_runtime", "serve", "--port", "0", "--model", str(tiny_path)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stderr is not None
        line = process.stderr.readline()
        told = re.fullmatch(r"scorp-gen: serving http://127\.0\.0\.1:(\d+)/ .*\n", line)
        assert told is not None, line
        try:
            connection = http.client.HTTPConnection("127.0.0.1", int(told[1]), timeout=10)
            connection.request("GET", "/")
            assert connection.getresponse().status == 200
            connection.close()
            os.kill(process.pid, signal.SIGINT)
            assert process.wait(timeout=10) == 130
        finally:
            process.kill()  # one that serves on would be waited for
        assert process.stderr.read() == "scorp-gen: interrupted\n"


def test_the_page_can_be_opened_in_a_browser(tiny_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr("webbrowser.open", opened.append)
    monkeypatch.setattr(PageServer, "serve_forever", lambda server: opened.append(server.url))
    for options in ([], ["--open"]):
        assert main.main(["serve", "--port", "0", "--model", str(tiny_path), *options]) == 0
    assert len(opened) == 3
    assert opened[1] == opened[2]


@pytest.mark.fault("scorp-gen serve", "a port that is taken", "exit 1, one line")
def test_a_port_that_is_taken_is_told_in_one_line(server: PageServer, scorp_gen: Any) -> None:
    done = scorp_gen("serve", "--port", server.server_port)
    assert done.returncode == 1
    assert re.fullmatch(rb"scorp-gen: cannot serve at 127\.0\.0\.1:\d+: .+\n", done.stderr)


@pytest.mark.fault("scorp-gen serve", "`--port 65536`", "exit 2")
def test_a_port_that_is_none_is_wrong_usage(scorp_gen: Any) -> None:
    assert scorp_gen("serve", "--port", "65536").returncode == 2
