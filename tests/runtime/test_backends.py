"""Every backend draws the same pixels, and a missing or unsuitable one is reported."""

import os
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest

from scorp_runtime import Effects, Generator, ModelError, RequestError
from scorp_runtime.imaging.resize import resize
from scorp_runtime.inference.backends import BACKENDS
from scorp_runtime.inference.backends.onnxruntime_session import OnnxruntimeSession
from scorp_runtime.inference.golden import check_golden
from scorp_runtime.model import onnx_reader, validation
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


def test_the_command_accepts_a_backend_and_threads(
    scorp_gen: Any, tmp_path: Path, generator: Generator
) -> None:
    words = ["0-9", "a.npy", "-n", 100, "--seed", 1, "--backend", "numpy", "--threads", "auto"]
    assert scorp_gen(*words).returncode == 0
    expected = generator.generate("0-9", 100, seed=1).images
    assert np.array_equal(np.load(tmp_path / "a.npy"), expected)
    assert b"--threads" in scorp_gen("7", "b.npy", "--threads", "some").stderr
    assert b"--backend" in scorp_gen("7", "b.npy", "--backend", "torch").stderr


def test_workers_use_the_backend_of_the_command(
    scorp_gen: Any, tmp_path: Path, without_onnxruntime: dict[str, str]
) -> None:
    words = ["0-9", "-n", 20, "--seed", 1, "--shards", 2, "--workers", 2]
    for folder, backend, warnings in (("a/", [], 1), ("b/", ["--backend", "numpy"], 0)):
        made = scorp_gen(*words, folder, *backend, env=without_onnxruntime)
        assert made.returncode == 0
        assert made.stderr.count(b"onnxruntime cannot be imported") == warnings
        assert len(made.stderr.splitlines()) == warnings + 1
    verified = scorp_gen("verify", "a/", "--workers", 2, env=without_onnxruntime)
    assert (verified.returncode, len(verified.stderr.splitlines())) == (0, 1)
    refused = scorp_gen(*words, "c/", "--backend", "onnxruntime", env=without_onnxruntime)
    assert b"onnxruntime cannot be imported" in refused.stderr


def test_onnxruntime_by_name_is_not_replaced(tiny_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(RequestError, match="onnxruntime cannot be imported"):
        Generator(tiny_path, backend="onnxruntime").generate(7)


@pytest.mark.parametrize("backend", ["torch", "", 1, True])
def test_an_unknown_backend_is_refused(tiny_path: Path, backend: Any) -> None:
    with pytest.raises(RequestError, match="backend"):
        Generator(tiny_path, backend=backend)


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
        (("CUDAExecutionProvider", {"device_id": 1}), {"use_tf32": "0", "device_id": 1}),
        (("CUDAExecutionProvider", {"use_tf32": "1"}), {"use_tf32": "1"}),
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


@pytest.fixture
def transposing_path(proto: Any, tmp_path: Path) -> Path:
    """A model whose last operator is a Transpose, which is a view in NumPy."""
    for tensor in proto.graph.initializer:
        if tensor.name == "shape":
            tensor.CopyFrom(onnx.numpy_helper.from_array(np.array([-1, 10, 12], np.int64), "shape"))
    proto.graph.node[15].output[0] = "turned"
    proto.graph.node.append(onnx.helper.make_node("Transpose", ["turned"], ["image"], perm=[0, 2, 1]))
    info = next(entry for entry in proto.metadata_props if entry.key == "weights_sha256")
    info.value = validation.weights_sha256(onnx_reader.parse(proto.SerializeToString()).initialisers)
    path = tmp_path / "transposing.onnx"
    path.write_bytes(proto.SerializeToString())
    return path


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("size", [[], ["--size", 13]])
def test_a_model_that_ends_in_a_transpose_is_written(
    scorp_gen: Any, transposing_path: Path, tmp_path: Path, backend: str, size: list[Any]
) -> None:
    words = ["0-9", "a.npy", "--seed", 1, "--backend", backend, *size]
    result = scorp_gen(*words, model=transposing_path)
    assert result.returncode == 0, result.stderr
    images = Generator(transposing_path, backend="onnxruntime").generate("0-9", seed=1).images
    assert np.array_equal(np.load(tmp_path / "a.npy"), resize(images, *((13, 10) if size else (12, 10))))


@pytest.mark.parametrize("backend", BACKENDS)
def test_images_are_contiguous(transposing_path: Path, backend: str) -> None:
    generator = Generator(transposing_path, backend=backend)
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
            network.run(inputs)


def use_an_operator_of_floats(proto: Any) -> None:
    proto.graph.node[12].op_type = "Sigmoid"


def use_an_old_opset(proto: Any) -> None:
    proto.opset_import[0].version = 12


def read_a_missing_value(proto: Any) -> None:
    proto.graph.node[12].input[0] = "nothing"


def add_values_of_other_shapes(proto: Any) -> None:
    proto.graph.node[9].input[1] = "label"


def cast_to_an_unknown_type(proto: Any) -> None:
    proto.graph.node[3].attribute[0].i = 999


def lose_the_image(proto: Any) -> None:
    proto.graph.node[15].output[0] = "picture"


@pytest.mark.parametrize(
    ("damage", "named"),
    [
        (use_an_operator_of_floats, "Sigmoid"),
        (use_an_old_opset, "opset 13 .*12"),
        (read_a_missing_value, "Floor .*'nothing'"),
        (add_values_of_other_shapes, "Add"),
        (cast_to_an_unknown_type, "Cast"),
        (lose_the_image, "'image'"),
    ],
)
def test_numpy_refuses_a_network_that_it_cannot_run(
    proto: Any, tmp_path: Path, damage: Any, named: str
) -> None:
    damage(proto)
    (tmp_path / "broken.onnx").write_bytes(proto.SerializeToString())
    with pytest.raises(ModelError, match=named):
        Generator(tmp_path / "broken.onnx", backend="numpy").generate(7, 3)
