"""Whatever runs the network draws the same pixels, and says so when it is not what was meant."""

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

from scorp_runtime import Generator, ModelError, Presentation, RequestError
from scorp_runtime.imaging.resize import resize
from scorp_runtime.inference.backends import BACKENDS
from scorp_runtime.inference.golden import check_golden
from scorp_runtime.model import onnx_reader, validation
from scorp_runtime.model.bundled import bundled_names

WITHOUT = """
import sys
sys.modules["onnxruntime"] = None  # so that importing it fails
"""


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("model", bundled_names())
def test_each_backend_draws_the_golden_pixels_of_the_released_models(model: str, backend: str) -> None:
    generator = Generator(model, backend=backend)
    golden = generator.model_file.read_golden()
    assert golden is not None
    assert check_golden(generator, golden) > 10
    assert generator.backend == backend


def test_numpy_alone_loads_no_onnxruntime(environment: dict[str, str]) -> None:
    code = (
        "import sys; from scorp_runtime import Generator; Generator(backend='numpy').generate(7); "
        "sys.exit('onnxruntime' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, env=environment)


def test_without_onnxruntime_numpy_draws_after_one_warning(
    generator: Generator, tiny_path: Path, environment: dict[str, str]
) -> None:
    code = f"""{WITHOUT}
from scorp_runtime import Generator
for _ in range(3):
    images = Generator({str(tiny_path)!r}).generate("0-9", 100, seed=1).images
sys.stdout.buffer.write(images.tobytes())
"""
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, env=environment)
    assert result.stderr.decode().count("RuntimeWarning: onnxruntime cannot be imported") == 1
    assert result.stdout == generator.generate("0-9", 100, seed=1).images.tobytes()


def test_without_onnxruntime_numpy_draws_even_where_warnings_are_errors(
    tiny_path: Path, environment: dict[str, str]
) -> None:
    code = f"{WITHOUT}\nfrom scorp_runtime import Generator; Generator({str(tiny_path)!r}).generate(7)"
    command = [sys.executable, "-W", "error", "-c", code]
    result = subprocess.run(command, capture_output=True, check=True, env=environment)
    assert result.stderr.decode().count("onnxruntime cannot be imported") == 1


def test_without_onnxruntime_the_command_says_so_in_one_line(
    tiny_path: Path, tmp_path: Path, environment: dict[str, str]
) -> None:
    code = (
        f"{WITHOUT}\nfrom scorp_runtime.cli.main import main\n"
        f"main(['7', 'a.npy', '--seed', '1', '--model', {str(tiny_path)!r}])"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=True, env=environment, cwd=tmp_path
    )
    first, second = result.stderr.decode().splitlines()
    assert first.startswith("scorp-gen: onnxruntime cannot be imported (")
    assert second == "scorp-gen: 1 image of 7 in a.npy"


def test_the_command_takes_a_backend_and_threads(
    scorp_gen: Any, tmp_path: Path, generator: Generator
) -> None:
    words = ["0-9", "a.npy", "-n", 100, "--seed", 1, "--backend", "numpy", "--threads", "auto"]
    assert scorp_gen(*words).returncode == 0
    expected = generator.generate("0-9", 100, seed=1).images
    assert np.array_equal(np.load(tmp_path / "a.npy"), expected)
    assert b"threads" in scorp_gen("7", "b.npy", "--threads", "some").stderr
    assert b"argument --backend" in scorp_gen("7", "b.npy", "--backend", "torch").stderr


def test_workers_draw_with_what_the_command_draws_with(
    scorp_gen: Any, tmp_path: Path, environment: dict[str, str]
) -> None:
    (tmp_path / "hidden").mkdir()
    (tmp_path / "hidden" / "onnxruntime.py").write_text("raise ImportError('none here')")
    without = {**environment, "PYTHONPATH": f"{tmp_path / 'hidden'}{os.pathsep}{environment['PYTHONPATH']}"}
    words = ["0-9", "-n", 20, "--seed", 1, "--shards", 2, "--workers", 2]
    warned = (
        "scorp-gen: onnxruntime cannot be imported (none here); drawing the same pictures, slower, with NumPy"
    )
    for folder, backend, first in (("a/", [], [warned]), ("b/", ["--backend", "numpy"], [])):
        made = scorp_gen(*words, folder, *backend, env=without)
        assert made.stderr.decode().splitlines() == [*first, f"scorp-gen: 20 images of 0-9 in {folder}"]
    verified = scorp_gen("verify", "a/", "--workers", 2, env=without)
    assert verified.returncode == 0
    assert verified.stderr.decode().splitlines() == [warned]
    assert (
        b"onnxruntime cannot be imported"
        in scorp_gen(*words, "c/", "--backend", "onnxruntime", env=without).stderr
    )


def test_onnxruntime_by_name_is_not_replaced(tiny_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(RequestError, match="onnxruntime cannot be imported"):
        Generator(tiny_path, backend="onnxruntime").generate(7)


@pytest.mark.parametrize("backend", ["torch", "", 1, True])
def test_an_unknown_backend_is_refused(tiny_path: Path, backend: Any) -> None:
    with pytest.raises(RequestError, match="backend must be 'onnxruntime' or 'numpy', not"):
        Generator(tiny_path, backend=backend)


def test_a_backend_survives_a_pickle(tiny_path: Path) -> None:
    frozen = pickle.dumps(Generator(tiny_path, backend="numpy", threads=3))
    again = pickle.loads(frozen)
    assert (again.backend, again.threads) == ("numpy", 3)


def test_execution_providers_are_passed_on(tiny_path: Path, generator: Generator) -> None:
    chosen = Generator(tiny_path, providers=[("CPUExecutionProvider", {})])
    assert np.array_equal(
        pickle.loads(pickle.dumps(chosen)).generate(7, 50, seed=1).images,
        generator.generate(7, 50, seed=1).images,
    )
    with pytest.raises(
        RequestError, match=r"onnxruntime has no 'Abacus' here; it has .*CPUExecutionProvider"
    ):
        Generator(tiny_path, providers=["Abacus", "CPUExecutionProvider"]).generate(7)
    with pytest.raises(RequestError, match="the NumPy backend has none"):
        Generator(tiny_path, backend="numpy", providers=["CPUExecutionProvider"])
    for nothing in ([], "CPUExecutionProvider"):
        with pytest.raises(RequestError, match="providers must be a list"):
            Generator(tiny_path, providers=nothing)


@pytest.mark.parametrize(
    ("asked", "used"),
    [
        ("CUDAExecutionProvider", {"use_tf32": "0"}),
        (("CUDAExecutionProvider", {"device_id": 1}), {"use_tf32": "0", "device_id": 1}),
        (("CUDAExecutionProvider", {"use_tf32": "1"}), {"use_tf32": "1"}),
    ],
)
def test_cuda_multiplies_in_full_precision_unless_asked_otherwise(
    tiny_path: Path, monkeypatch: pytest.MonkeyPatch, asked: Any, used: dict[str, Any]
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
    Generator(tiny_path, providers=[asked, "CPUExecutionProvider"]).generate(7)
    assert opened == [("CUDAExecutionProvider", used), "CPUExecutionProvider"]


@pytest.fixture
def transposing_path(proto: Any, tmp_path: Path) -> Path:
    """A model whose last operator is a Transpose, of which NumPy makes a view."""
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
    for size in (13, 12, 24, 5):  # of the sides 12 x 10, 13 changes one alone
        dataset = generator.dataset("0-9", 10, presentation=Presentation(size=size), invert=True)
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


def uses_an_operator_of_floats(proto: Any) -> None:
    proto.graph.node[12].op_type = "Sigmoid"


def is_of_an_old_opset(proto: Any) -> None:
    proto.opset_import[0].version = 12


def takes_what_nothing_makes(proto: Any) -> None:
    proto.graph.node[12].input[0] = "nothing"


def adds_a_value_to_what_it_does_not_fit(proto: Any) -> None:
    proto.graph.node[9].input[1] = "label"


def casts_to_no_type(proto: Any) -> None:
    proto.graph.node[3].attribute[0].i = 999


def loses_its_image(proto: Any) -> None:
    proto.graph.node[15].output[0] = "picture"


@pytest.mark.parametrize(
    ("damage", "complaint"),
    [
        (uses_an_operator_of_floats, "no operator 'Sigmoid', which no exact model uses"),
        (is_of_an_old_opset, "runs opset 13 and later, not 12"),
        (takes_what_nothing_makes, "Floor takes 'nothing', which nothing before it makes"),
        (adds_a_value_to_what_it_does_not_fit, "Add takes values that do not fit each other"),
        (casts_to_no_type, "NumPy cannot run Cast"),
        (loses_its_image, "nothing in the graph makes 'image'"),
    ],
)
def test_numpy_refuses_a_network_that_it_cannot_run(
    proto: Any, tmp_path: Path, damage: Any, complaint: str
) -> None:
    damage(proto)
    (tmp_path / "broken.onnx").write_bytes(proto.SerializeToString())
    with pytest.raises(ModelError, match=complaint):
        Generator(tmp_path / "broken.onnx", backend="numpy").generate(7, 3)
