"""Drawing speed: latency by batch size, throughput by threads, the cost of noise, and the NumPy backend."""

import hashlib
import json
from collections.abc import Callable
from functools import partial
from typing import Any

import scorp_runtime  # noqa: F401 -- turns off the telemetry of onnxruntime

# isort: split
import numpy as np
import onnxruntime

from scorp_runtime import Generator
from scorp_runtime.cli.bench import Latency, digits_per_second, latency
from scorp_runtime.inference.engine import MICRO_BATCH
from scorp_runtime.inference.threads import usable_cores
from scorp_runtime.sampling import philox

BATCHES = (1, 8, 64, 256, 1024)
SECONDS = 3.0
SIDE = 1024  # of a matrix
BLOCK, BLOCKS = 0.3, 5
LARGE = 4096  # images per call to compare thread counts


def measure() -> dict[str, Any]:
    generator = Generator(threads=1)
    peak = multiply_adds_per_second(SECONDS)
    speed = digits_per_second(generator, SECONDS)
    return {
        "multiply_adds_per_second": peak,
        "multiply_adds_per_digit": generator.info.macs,
        "digits_per_second": speed,
        "share_of_limit": speed * generator.info.macs / peak,
        "latency_us": {
            str(count): microseconds(latency(partial(generator.generate, "all", count), SECONDS / 2))
            for count in BATCHES
        },
        **single_call(generator),
        **share_of_noise(generator),
        **by_threads(),
        **numpy_backend(speed),
    }


def multiply_adds_per_second(seconds: float) -> float:
    """The speed of NumPy's product of two 1024 x 1024 float32 matrices: of one core if NumPy may use only one."""
    matrix = np.random.default_rng(0).random((SIDE, SIDE), np.float32)
    product = np.empty_like(matrix)
    return SIDE**3 / latency(lambda: np.matmul(matrix, matrix, out=product), seconds).fastest


def microseconds(call: Latency) -> dict[str, float]:
    return {"p50": call.p50 * 1e6, "p99": call.p99 * 1e6}


def bare_session(generator: Generator) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False
    return onnxruntime.InferenceSession(
        generator.model_file.read(), options, providers=["CPUExecutionProvider"]
    )


def feed(session: onnxruntime.InferenceSession, count: int) -> dict[str, Any]:
    """Return network inputs for `count` sevens."""
    batch = Generator().generate("7", count, seed=1)
    noise = philox.normals(1, philox.Purpose.NOISE, 0, count, session.get_inputs()[0].shape[1])
    return {"noise": noise, "label": batch.labels, "style": batch.styles}


def single_call(generator: Generator) -> dict[str, Any]:
    """Compare `generate("7", count=1)` with a bare session run; the fastest of several alternating loops."""
    session = bare_session(generator)
    inputs = feed(session, 1)
    through = Generator(threads=1)
    calls: dict[str, Callable[[], object]] = {
        "bare": lambda: session.run(["image"], inputs),
        "generate": lambda: through.generate("7", count=1),
    }
    blocks = [{name: latency(call, BLOCK) for name, call in calls.items()} for _ in range(BLOCKS)]
    times = {name: min((block[name] for block in blocks), key=lambda call: call.p50) for name in calls}
    return {
        "one_digit_us": {name: microseconds(call) for name, call in times.items()},
        "one_digit_over_bare": times["generate"].p50 / times["bare"].p50,
    }


def share_of_noise(generator: Generator) -> dict[str, Any]:
    """Return the time to draw the noise of a micro-batch, relative to running the network on it."""
    session = bare_session(generator)
    inputs = feed(session, MICRO_BATCH)
    size = inputs["noise"].shape[1]
    times = {
        "noise": latency(lambda: philox.normals(1, philox.Purpose.NOISE, 0, MICRO_BATCH, size), SECONDS / 2),
        "network": latency(lambda: session.run(["image"], inputs), SECONDS / 2),
    }
    return {"noise_over_network": times["noise"].p50 / times["network"].p50}


def by_threads() -> dict[str, Any]:
    """Return digits per second with one thread, two, and one per core."""
    out = np.empty((LARGE, *Generator().image_shape), np.uint8)
    generators = {count: Generator(threads=count) for count in sorted({1, 2, usable_cores()})}
    times = {
        str(count): latency(partial(generator.generate, "all", LARGE, seed=1, out=out), SECONDS)
        for count, generator in generators.items()
    }
    speeds = {count: LARGE / time.fastest for count, time in times.items()}
    return {"digits_per_second_by_threads": speeds, "two_lanes_over_one": speeds["2"] / speeds["1"]}


def numpy_backend(speed: float) -> dict[str, Any]:
    numpy = Generator(backend="numpy", threads=1)
    hashes = {
        hashlib.sha256(generator.generate("all", 1000, seed=3).images.tobytes()).hexdigest()
        for generator in (numpy, Generator(backend="onnxruntime"))
    }
    numpy_speed = digits_per_second(numpy, SECONDS)
    return {
        "numpy_digits_per_second": numpy_speed,
        "onnxruntime_over_numpy": speed / numpy_speed,
        "same_pixels": len(hashes) == 1,
    }


if __name__ == "__main__":
    print(json.dumps(measure()))
