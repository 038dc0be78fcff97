"""A small integer-valued model, and ways to run `scorp-gen`."""

import contextlib
import hashlib
import os
import subprocess
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import onnx.parser
import pytest
from onnx import helper, numpy_helper

import scorp_runtime.cli.main
from scorp_runtime import Generator, Knob, ModelInfo
from scorp_runtime.sampling.style_prior import ClassPrior

HEIGHT, WIDTH, NOISE, CLASSES = 12, 10, 9, tuple("0123456789")
PACKAGE = Path(scorp_runtime.__file__).parent


def pytest_configure(config: pytest.Config) -> None:
    if os.environ.get("SCORP_TEST_INSTALLED") == "1" and PACKAGE.is_relative_to(
        config.rootpath / "scorp_runtime"
    ):
        raise pytest.UsageError(f"the tests must run against the installed package, not {PACKAGE}")


def weights(proto: onnx.ModelProto) -> str:
    """The checksum of the weights, computed without the package under test."""
    digest = hashlib.sha256()
    for tensor in sorted(proto.graph.initializer, key=lambda tensor: tensor.name):
        digest.update(tensor.name.encode() + b"\0" + numpy_helper.to_array(tensor).tobytes())
    return digest.hexdigest()


def _natural(position: int) -> ClassPrior:
    correlation = ((1.0, 0.5, 0.0), (0.5, 1.0, -0.25), (0.0, -0.25, 1.0))
    scores = np.arange(-6, 7) / 2
    thickness = tuple(2.5 + 0.125 * position + 0.25 * scores)
    slant = tuple(np.round(scores**3 + position, 3))
    width = (6.0, 6.0, 7.0, 8.0, 9.0, 9.5, 10.0, 10.5, 11.0, 12.0, 13.0, 14.0, 14.0)
    return ClassPrior(correlation, (tuple(map(float, thickness)), tuple(map(float, slant)), width))


GRAPH = f"""
<ir_version: 8, opset_import: ["" : 17]>
tiny (float[N,{NOISE}] noise, int64[N] label, float[N,3] style) => (uint8[N,{HEIGHT},{WIDTH}] image) {{
    noise_scaled = Mul(noise, sixteen)
    noise_whole = Round(noise_scaled)
    style_whole = Mul(style, sixteen)
    noise_real = Cast<to=1>(noise_weights)
    class_real = Cast<to=1>(class_weights)
    style_real = Cast<to=1>(style_weights)
    of_noise = MatMul(noise_whole, noise_real)
    of_class = Gather<axis=0>(class_real, label)
    of_style = MatMul(style_whole, style_real)
    sum = Add(of_noise, of_class)
    total = Add(sum, of_style)
    scaled = Mul(total, sixteenth)
    whole = Floor(scaled)
    grey = Clip(whole, paper, ink)
    bytes = Cast<to=2>(grey)
    image = Reshape(bytes, shape)
}}
"""


def _proto() -> onnx.ModelProto:
    """A model whose image is clip(floor((noise + class + style) / 16), 0, 255), all in integers."""
    draw = np.random.RandomState(7)
    size = HEIGHT * WIDTH
    initialisers = {
        "noise_weights": draw.randint(-20, 21, (NOISE, size)).astype(np.int8),
        "class_weights": draw.randint(-2000, 4000, (len(CLASSES), size)).astype(np.int32),
        "style_weights": draw.randint(-40, 41, (3, size)).astype(np.int8),
        "sixteen": np.array(16.0, np.float32),
        "sixteenth": np.array(1 / 16, np.float32),
        "paper": np.array(0.0, np.float32),
        "ink": np.array(255.0, np.float32),
        "shape": np.array([-1, HEIGHT, WIDTH], np.int64),
    }
    proto = onnx.parser.parse_model(GRAPH)
    proto.graph.initializer.extend(
        numpy_helper.from_array(array, name) for name, array in initialisers.items()
    )
    info = ModelInfo(
        name="tiny",
        version="1.0.0",
        classes=CLASSES,
        knobs=(
            Knob("thickness", "px", 1.0, 6.0, 0.0625),
            Knob("slant", "degrees", -30.0, 30.0, 0.5),
            Knob("width", "px", 4.0, 16.0, 0.125),
        ),
        natural={name: _natural(position) for position, name in enumerate(CLASSES)},
        exact=True,
        architecture="three matrix products",
        macs=(NOISE + 3) * size,
        dataset={"name": "none", "images": 0, "licence": "none", "sha256": {}},
        licence="Apache-2.0",
        recipe={"seed": 7},
        scores={},
        weights_sha256=weights(proto),
    )
    helper.set_model_props(proto, info.to_metadata())
    return proto


_TINY = _proto()

LINE_GRAPH = """
<ir_version: 8, opset_import: ["" : 17]>
line (float[N,1] noise, int64[N] label, float[N,5] style) => (uint8[N,28,28] image) {
    image = Gather<axis=0>(images, label)
}
"""
PRINTABLE = tuple(map(chr, range(ord("!"), ord("~") + 1)))


def _line_proto(images: np.ndarray, natural: dict[str, ClassPrior]) -> onnx.ModelProto:
    proto = onnx.parser.parse_model(LINE_GRAPH)
    proto.graph.initializer.append(numpy_helper.from_array(images, "images"))
    info = ModelInfo.from_metadata({entry.key: entry.value for entry in _TINY.metadata_props})
    knobs = (Knob("extent", "capitals", 0.0, 4.0, 0.0078125), Knob("rise", "capitals", -2.0, 2.0, 0.0078125))
    info = replace(
        info,
        name="line",
        classes=PRINTABLE,
        knobs=info.knobs + knobs,
        natural=natural,
        weights_sha256=weights(proto),
    )
    helper.set_model_props(proto, info.to_metadata())
    return proto


@pytest.fixture
def proto() -> onnx.ModelProto:
    """The test model, which the test may change."""
    copy = onnx.ModelProto()
    copy.CopyFrom(_TINY)
    return copy


@pytest.fixture(scope="session")
def line_proto() -> Callable[[np.ndarray, dict[str, ClassPrior]], onnx.ModelProto]:
    """Makes a model that draws printable ASCII, one image per class, and has the knobs of text in a line."""
    return _line_proto


@pytest.fixture
def saved(tmp_path: Path) -> Callable[[onnx.ModelProto], Path]:
    """Stores a model with the right checksum of its weights."""

    def save(proto: onnx.ModelProto) -> Path:
        (checksum,) = (entry for entry in proto.metadata_props if entry.key == "weights_sha256")
        checksum.value = weights(proto)
        path = tmp_path / "model.onnx"
        path.write_bytes(proto.SerializeToString())
        return path

    return save


@pytest.fixture(scope="session")
def tiny_bytes() -> bytes:
    return _TINY.SerializeToString()


@pytest.fixture(scope="session")
def tiny_path(tmp_path_factory: pytest.TempPathFactory, tiny_bytes: bytes) -> Path:
    path = tmp_path_factory.mktemp("model") / "tiny.onnx"
    path.write_bytes(tiny_bytes)
    return path


@pytest.fixture(scope="session")
def generator(tiny_path: Path) -> Generator:
    return Generator(tiny_path)


@pytest.fixture(scope="session")
def environment() -> dict[str, str]:
    """Environment variables for processes that use the same copy of the package."""
    return {**os.environ, "PYTHONPATH": str(PACKAGE.parent), "PYTHONSAFEPATH": "1"}


Run = Callable[..., "subprocess.CompletedProcess[bytes]"]


_OWN_PROCESS = {"--workers", "--engine", "--cluster", "bench", "serve"}  # start or are servers


@pytest.fixture
def scorp_gen(
    tmp_path: Path, tiny_path: Path, environment: dict[str, str], capfdbinary: pytest.CaptureFixture[bytes]
) -> Run:
    """Runs `scorp-gen` in an empty folder with the test model.

    It runs in this process, which saves the imports; with options for `subprocess.run`, or if the command starts
    processes, in another one.
    """

    def run(
        *words: object, model: Path | None = tiny_path, cwd: Path = tmp_path, **options: object
    ) -> "subprocess.CompletedProcess[bytes]":
        command = list(map(str, words))
        if model is not None:
            command += ["--model", str(model)]
        if options or _OWN_PROCESS.intersection(command):
            command = [sys.executable, "-m", "scorp_runtime", *command]
            options = {"capture_output": True, "env": environment, "timeout": 60} | options
            return subprocess.run(command, check=False, cwd=cwd, **options)  # type: ignore[call-overload,no-any-return]
        capfdbinary.readouterr()  # drops what the test has printed
        with contextlib.chdir(cwd), warnings.catch_warnings():
            warnings.simplefilter("default")
            code = scorp_runtime.cli.main.main(command)
        return subprocess.CompletedProcess(command, code, *capfdbinary.readouterr())

    return run


@pytest.fixture
def made(scorp_gen: Run) -> Run:
    """Runs a command that must succeed."""

    def run(*words: object, **options: object) -> "subprocess.CompletedProcess[bytes]":
        result = scorp_gen(*words, **options)
        assert result.returncode == 0, result.stderr
        return result

    return run


@pytest.fixture
def fails(scorp_gen: Run) -> Callable[..., str]:
    """Runs a command that must fail with an exit code and one line on stderr, and returns the line."""

    def run(code: int, *words: object, **options: object) -> str:
        result = scorp_gen(*words, **options)
        assert (result.returncode, result.stdout or b"") == (code, b""), result.stderr
        (line,) = result.stderr.decode().splitlines()
        assert line.startswith("scorp-gen: ")
        assert "--debug" not in line
        return str(line)

    return run


@pytest.fixture
def begin(
    tmp_path: Path, tiny_path: Path, environment: dict[str, str]
) -> "Iterator[Callable[..., subprocess.Popen[bytes]]]":
    """Starts a long command in a session of its own, and waits for `count` files that match `pattern`."""
    begun: list[subprocess.Popen[bytes]] = []

    def start(*words: object, pattern: str = "*", count: int = 0) -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-m", "scorp_runtime", *map(str, words), "--model", str(tiny_path)]
        process = subprocess.Popen(
            command, cwd=tmp_path, env=environment, stdout=-1, stderr=-1, start_new_session=True
        )
        begun.append(process)
        deadline = time.monotonic() + 60
        while len(list(tmp_path.glob(pattern))) < count:
            assert process.poll() is None
            assert time.monotonic() < deadline
        return process

    yield start
    for process in begun:
        process.kill()
        process.communicate()


@pytest.fixture(scope="session")
def contents() -> Callable[[Path], dict[str, bytes]]:
    """Returns the contents of all files in a folder, by their paths in it."""
    return lambda folder: {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


@pytest.fixture
def metadata(proto: onnx.ModelProto) -> dict[str, str]:
    return {entry.key: entry.value for entry in proto.metadata_props}
