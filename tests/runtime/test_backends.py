"""Every backend draws the same pixels, and a missing or unsuitable one is reported."""

import os
import pickle
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest

from scorp_runtime import Effects, Generator, ModelError, RequestError
from scorp_runtime.inference.backends import BACKENDS
from scorp_runtime.inference.backends.onnxruntime_session import OnnxruntimeSession
from scorp_runtime.inference.golden import check_golden
from scorp_runtime.model.bundled import bundled_names


@pytest.fixture
def without_onnxruntime(environment: dict[str, str], tmp_path: Path) -> dict[str, str]:
    """An environment in which onnxruntime cannot be imported."""
    (tmp_path / "hidden").mkdir()
    (tmp_path / "hidden" / "onnxruntime.py").write_text("raise ImportError('none here')")
    path = f"{tmp_path / 'hidden'}{os.pathsep}{environment['PYTHONPATH']}"
    return {**environment, "PYTHONPATH": path}


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("model", bundled_names())
def test_each_backend_draws_the_golden_pixels_of_the_released_models(model: str, backend: str) -> None:
    generator = Generator(model, backend=backend)
    golden = generator.model_file.read_golden()
    assert golden is not None
    assert check_golden(generator, golden) > 10
    assert generator.backend == backend


def test_the_numpy_backend_does_not_load_onnxruntime(environment: dict[str, str]) -> None:
    code = (
        "import sys; from scorp_runtime import Generator; Generator(backend='numpy').generate(7); "
        "sys.exit('onnxruntime' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, env=environment)


@pytest.mark.parametrize("options", [[], ["-W", "error"]])
def test_without_onnxruntime_numpy_draws_after_one_warning(
    generator: Generator, tiny_path: Path, without_onnxruntime: dict[str, str], options: list[str]
) -> None:
    code = f"""
import sys
from scorp_runtime import Generator
for _ in range(3):
    images = Generator({str(tiny_path)!r}).generate("0-9", 100, seed=1).images
sys.stdout.buffer.write(images.tobytes())
"""
    command = [sys.executable, *options, "-c", code]
    result = subprocess.run(command, capture_output=True, check=True, env=without_onnxruntime)
    assert result.stderr.decode().count("onnxruntime cannot be imported") == 1
    assert result.stdout == generator.generate("0-9", 100, seed=1).images.tobytes()


def test_the_command_accepts_a_backend_and_threads(made: Any, tmp_path: Path, generator: Generator) -> None:
    made("0-9", "a.npy", "-n", 100, "--seed", 1, "--backend", "numpy", "--threads", "auto")
    assert np.array_equal(np.load(tmp_path / "a.npy"), generator.generate("0-9", 100, seed=1).images)


def test_workers_use_the_backend_of_the_command(
    made: Any, fails: Any, without_onnxruntime: dict[str, str]
) -> None:
    words = ["0-9", "-n", 20, "--seed", 1, "--shards", 2, "--workers", 2]
    for folder, backend, warnings in (("a/", [], 1), ("b/", ["--backend", "numpy"], 0)):
        lines = made(*words, folder, *backend, env=without_onnxruntime).stderr.splitlines()
        assert len(lines) == warnings + 1
        assert (b"onnxruntime cannot be imported" in lines[0]) == warnings
    assert made("verify", "a/", "--workers", 2, env=without_onnxruntime).stderr.count(b"\n") == 1
    words += ["c/", "--backend", "onnxruntime"]
    assert "onnxruntime cannot be imported" in fails(2, *words, env=without_onnxruntime)


def test_onnxruntime_by_name_is_not_replaced(tiny_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(RequestError, match="onnxruntime cannot be imported"):
        Generator(tiny_path, backend="onnxruntime").generate(7)


def test_a_pickle_keeps_backend_threads_and_providers(tiny_path: Path, generator: Generator) -> None:
    again = pickle.loads(pickle.dumps(Generator(tiny_path, backend="numpy", threads=3)))
    assert (again.backend, again.threads) == ("numpy", 3)
    chosen = Generator(tiny_path, providers=[("CPUExecutionProvider", {})])
    images = pickle.loads(pickle.dumps(chosen)).generate(7, 50, seed=1).images
    assert np.array_equal(images, generator.generate(7, 50, seed=1).images)


@pytest.mark.parametrize(
    ("providers", "backend", "named"),
    [
        (["Abacus", "CPUExecutionProvider"], None, "'Abacus'.* CPUExecutionProvider"),
        (["CPUExecutionProvider"], "numpy", "numpy"),
        ([], None, "providers"),
        ("CPUExecutionProvider", None, "providers"),
    ],
)
def test_invalid_providers_are_refused(
    tiny_path: Path, providers: Any, backend: str | None, named: str
) -> None:
    with pytest.raises(RequestError, match=named):
        Generator(tiny_path, backend=backend, providers=providers).generate(7)


@pytest.mark.parametrize(
    ("requested", "used"),
    [
        ("CUDAExecutionProvider", {"use_tf32": "0"}),
        (("CUDAExecutionProvider", {"device_id": 1, "use_tf32": "1"}), {"device_id": 1, "use_tf32": "1"}),
    ],
)
def test_cuda_multiplies_in_full_precision_unless_its_options_differ(
    tiny_path: Path, monkeypatch: pytest.MonkeyPatch, requested: Any, used: dict[str, Any]
) -> None:
    opened: list[Any] = []
    make = onnxruntime.InferenceSession

    def on_the_cpu(model: bytes, options: Any, providers: Any) -> Any:
        opened.extend(providers)
        session = make(model, options, providers=["CPUExecutionProvider"])
        monkeypatch.setattr(session, "get_providers", lambda: ["CUDAExecutionProvider"])
        return session

    monkeypatch.setattr(onnxruntime, "InferenceSession", on_the_cpu)
    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: ["CUDAExecutionProvider"])
    Generator(tiny_path, providers=[requested, "CPUExecutionProvider"]).generate(7)
    assert opened == [("CUDAExecutionProvider", used), "CPUExecutionProvider"]


@pytest.mark.parametrize("backend", BACKENDS)
def test_images_are_contiguous(proto: Any, saved: Any, backend: str) -> None:
    """Even if the last operator is a Transpose, which is a view in NumPy."""
    (shape,) = (tensor for tensor in proto.graph.initializer if tensor.name == "shape")
    shape.CopyFrom(onnx.numpy_helper.from_array(np.array([-1, 10, 12], np.int64), "shape"))
    proto.graph.node[15].output[0] = "turned"
    proto.graph.node.append(onnx.helper.make_node("Transpose", ["turned"], ["image"], perm=[0, 2, 1]))
    generator = Generator(saved(proto), backend=backend)
    assert generator.generate(7, 3).images.flags.c_contiguous
    for size in (13, 12, 24, 5):  # 13 changes only one of the sides 12 x 10
        dataset = generator.dataset("0-9", 10, effects=Effects(size=size), invert=True)
        assert dataset[:][0].flags.c_contiguous


def test_a_session_spins_no_threads_and_keeps_no_arena(
    tiny_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[Any] = []
    make = onnxruntime.InferenceSession

    def watch(*arguments: Any, **named: Any) -> Any:
        opened.append(make(*arguments, **named))
        return opened[-1]

    monkeypatch.setattr(onnxruntime, "InferenceSession", watch)
    Generator(tiny_path, threads=2).generate("0-9", 200)
    (session,) = opened
    options = session.get_session_options()
    assert options.get_session_config_entry("session.intra_op.allow_spinning") == "0"
    assert options.get_session_config_entry("session.inter_op.allow_spinning") == "0"
    assert (options.intra_op_num_threads, options.inter_op_num_threads) == (1, 1)
    assert not options.enable_cpu_mem_arena


def test_a_lack_of_memory_in_onnxruntime_is_not_a_model_error(
    tiny_bytes: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    inputs = np.zeros((1, 9), np.float32), np.zeros(1, np.int64), np.zeros((1, 3), np.float32)
    network = OnnxruntimeSession(tiny_bytes, None)
    for message, error in (
        ("[ONNXRuntimeError] : 1 : FAIL : std::bad_alloc", MemoryError),
        ("Failed to allocate memory for 9 bytes", MemoryError),
        ("[ONNXRuntimeError] : 2 : INVALID_ARGUMENT", ModelError),
    ):

        def fail(*_: object, message: str = message) -> None:
            raise RuntimeError(message)

        monkeypatch.setattr(network._session, "run", fail)
        with pytest.raises(error):
            network.run(*inputs)


DAMAGES: list[tuple[Callable[[Any], None], str]] = [
    (lambda proto: setattr(proto.graph.node[12], "op_type", "Sigmoid"), "Sigmoid"),
    (lambda proto: setattr(proto.opset_import[0], "version", 12), "opset 13 .*12"),
    (lambda proto: proto.graph.node[12].input.__setitem__(0, "nothing"), "Floor .*'nothing'"),
    (lambda proto: proto.graph.node[9].input.__setitem__(1, "label"), "Add"),
    (lambda proto: setattr(proto.graph.node[3].attribute[0], "i", 999), "Cast"),
    (lambda proto: proto.graph.node[15].output.__setitem__(0, "picture"), "'image'"),
]


@pytest.mark.parametrize(("damage", "named"), DAMAGES)
def test_numpy_refuses_a_network_that_it_cannot_run(
    proto: Any, saved: Any, damage: Callable[[Any], None], named: str
) -> None:
    damage(proto)
    with pytest.raises(ModelError, match=named):
        Generator(saved(proto), backend="numpy").generate(7, 3)
