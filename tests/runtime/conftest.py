"""A small integer-valued model, and ways to run `scorp-gen`."""

import contextlib
import hashlib
import json
import os
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper

import scorp_runtime.cli.main
from scorp_runtime import Generator, Knob, ModelInfo
from scorp_runtime.sampling.style_prior import ClassPrior

HEIGHT, WIDTH, NOISE, CLASSES = 12, 10, 9, tuple("0123456789")
PACKAGE = Path(scorp_runtime.__file__).parent
NO_SOCKETS = Path(__file__).parents[1] / "no_sockets.py"


def pytest_configure(config: pytest.Config) -> None:
    if os.environ.get("SCORP_TEST_INSTALLED") == "1" and PACKAGE.is_relative_to(
        config.rootpath / "scorp_runtime"
    ):
        raise pytest.UsageError(f"the tests must run against the installed package, not {PACKAGE}")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run last the tests of the process that takes half a minute."""
    items.sort(key=_waits)


def _waits(item: pytest.Item) -> bool:
    return "process_without_sockets" in getattr(item, "fixturenames", ())


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
    nodes = [
        helper.make_node("Mul", ["noise", "sixteen"], ["noise_scaled"]),
        helper.make_node("Round", ["noise_scaled"], ["noise_whole"]),
        helper.make_node("Mul", ["style", "sixteen"], ["style_whole"]),
        helper.make_node("Cast", ["noise_weights"], ["noise_real"], to=TensorProto.FLOAT),
        helper.make_node("Cast", ["class_weights"], ["class_real"], to=TensorProto.FLOAT),
        helper.make_node("Cast", ["style_weights"], ["style_real"], to=TensorProto.FLOAT),
        helper.make_node("MatMul", ["noise_whole", "noise_real"], ["of_noise"]),
        helper.make_node("Gather", ["class_real", "label"], ["of_class"], axis=0),
        helper.make_node("MatMul", ["style_whole", "style_real"], ["of_style"]),
        helper.make_node("Add", ["of_noise", "of_class"], ["sum"]),
        helper.make_node("Add", ["sum", "of_style"], ["total"]),
        helper.make_node("Mul", ["total", "sixteenth"], ["scaled"]),
        helper.make_node("Floor", ["scaled"], ["whole"]),
        helper.make_node("Clip", ["whole", "paper", "ink"], ["grey"]),
        helper.make_node("Cast", ["grey"], ["bytes"], to=TensorProto.UINT8),
        helper.make_node("Reshape", ["bytes", "shape"], ["image"]),
    ]
    graph = helper.make_graph(
        nodes,
        "tiny",
        [
            helper.make_tensor_value_info("noise", TensorProto.FLOAT, ["N", NOISE]),
            helper.make_tensor_value_info("label", TensorProto.INT64, ["N"]),
            helper.make_tensor_value_info("style", TensorProto.FLOAT, ["N", 3]),
        ],
        [helper.make_tensor_value_info("image", TensorProto.UINT8, ["N", HEIGHT, WIDTH])],
        [numpy_helper.from_array(array, name) for name, array in initialisers.items()],
    )
    proto = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
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


@pytest.fixture
def proto() -> onnx.ModelProto:
    """The test model, which the test may change."""
    copy = onnx.ModelProto()
    copy.CopyFrom(_TINY)
    return copy


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
def scorp_gen(tmp_path: Path, tiny_path: Path, environment: dict[str, str]) -> Run:
    """Runs `scorp-gen` in an empty folder with the test model.

    It runs in this process, which saves the imports; with options for `subprocess.run`, or if the command starts
    processes, in another one.
    """

    def run(
        *words: object, model: Path | None = tiny_path, **options: object
    ) -> "subprocess.CompletedProcess[bytes]":
        command = list(map(str, words))
        if model is not None:
            command += ["--model", str(model)]
        if not options and not _OWN_PROCESS.intersection(command):
            return _in_this_process(command, tmp_path)
        command = [sys.executable, "-m", "scorp_runtime", *command]
        options = {"capture_output": True, "cwd": tmp_path, "env": environment, "timeout": 60} | options
        return subprocess.run(command, check=False, **options)  # type: ignore[call-overload,no-any-return]

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


def _in_this_process(words: list[str], folder: Path) -> "subprocess.CompletedProcess[bytes]":
    """Run `scorp-gen` with the streams, folder and warnings of a process of its own."""
    with ExitStack() as undo:
        streams = [undo.enter_context(TemporaryFile()) for _ in "12"]
        undo.enter_context(contextlib.chdir(folder))
        undo.enter_context(warnings.catch_warnings())
        warnings.simplefilter("default")
        for number, stream, redirect in zip(
            (1, 2), streams, (contextlib.redirect_stdout, contextlib.redirect_stderr), strict=True
        ):
            undo.callback(os.close, before := os.dup(number))
            undo.callback(os.dup2, before, number)
            os.dup2(stream.fileno(), number)
            opened = undo.enter_context(os.fdopen(number, "w", errors="backslashreplace", closefd=False))
            undo.enter_context(redirect(opened))
        code = scorp_runtime.cli.main.main(words)
        sys.stdout.flush()
        sys.stderr.flush()
        for stream in streams:
            stream.seek(0)
        return subprocess.CompletedProcess(words, code, *(stream.read() for stream in streams))


@pytest.fixture(scope="session")
def no_sockets(
    environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str], "subprocess.Popen[bytes]"]]:
    """Starts Python code in a process that fails if it opens a socket."""
    home = tmp_path_factory.mktemp("home")
    variables = {name: value for name, value in environment.items() if name != "ORT_DISABLE_TELEMETRY"}
    started: list[subprocess.Popen[bytes]] = []

    def start(code: str) -> "subprocess.Popen[bytes]":
        command = [sys.executable, str(NO_SOCKETS), code]
        started.append(subprocess.Popen(command, cwd=home, env=variables | {"HOME": str(home)}))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()


@pytest.fixture(scope="session")
def process_without_sockets(no_sockets: Callable[[str], Any]) -> Any:
    """A process that draws longer than the telemetry of onnxruntime waits before its first report."""
    return no_sockets(
        "import time; from scorp_runtime import Generator\n"
        "for _ in range(64): Generator(threads=2).generate('0-9', 100); time.sleep(0.5)"
    )


@pytest.fixture(scope="session", autouse=True)
def _start_early(request: pytest.FixtureRequest) -> None:
    """Start that process with the first test."""
    if any(map(_waits, request.session.items)):
        request.getfixturevalue("process_without_sockets")


@pytest.fixture
def metadata(proto: onnx.ModelProto) -> dict[str, str]:
    return {entry.key: entry.value for entry in proto.metadata_props}


@pytest.fixture
def natural_of(metadata: dict[str, str]) -> Callable[[str], dict[str, list[list[float]]]]:
    document = json.loads(metadata["natural"])
    return lambda name: document[name]


def _by_onnxruntime(operator: str, inputs: Sequence[Any], attributes: dict[str, Any]) -> Any:
    names = [f"x{number}" if value is not None else "" for number, value in enumerate(inputs)]
    feed = {name: value for name, value in zip(names, inputs, strict=True) if name}
    graph = helper.make_graph(
        [helper.make_node(operator, names, ["y"], **attributes)],
        "one",
        [
            helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(value.dtype), value.shape)
            for name, value in feed.items()
        ],
        [onnx.ValueInfoProto(name="y")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    session = onnxruntime.InferenceSession(model.SerializeToString(), options)
    return session.run(None, feed)[0]


@pytest.fixture(scope="session")
def by_onnxruntime() -> Callable[[str, Sequence[Any], dict[str, Any]], Any]:
    """Runs one operator of onnxruntime on arrays (None is an input left out) and attributes."""
    return _by_onnxruntime
