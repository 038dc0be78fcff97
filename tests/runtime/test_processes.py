"""A generator works in threads, and in spawned and forked processes."""

import multiprocessing
import sys
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from scorp_runtime import Generator

OPTIONS = pytest.mark.parametrize("options", [{}, {"threads": 2}, {"backend": "numpy"}])
STARTS = range(0, 200, 40)


def draw(generator: Generator, start: int) -> npt.NDArray[np.uint8]:
    return generator.generate("0-9", 40, seed=5, start=start).images


@pytest.fixture
def expected(generator: Generator) -> npt.NDArray[np.uint8]:
    return generator.generate("0-9", 200, seed=5).images


def test_threads_share_a_generator(tiny_path: Path, expected: npt.NDArray[np.uint8]) -> None:
    new = Generator(tiny_path)  # whose network the threads set up together
    with ThreadPoolExecutor(4) as pool:
        images = list(pool.map(lambda start: draw(new, start), [*STARTS] * 4))
    assert np.array_equal(np.concatenate(images), np.concatenate([expected] * 4))


@OPTIONS
def test_spawned_processes_receive_a_generator(
    tiny_path: Path, expected: npt.NDArray[np.uint8], options: Any
) -> None:
    generator = Generator(tiny_path, **options)
    generator.generate(7)  # the network of this process is not sent
    with ProcessPoolExecutor(2, multiprocessing.get_context("spawn")) as pool:
        batches = [
            pool.submit(Generator.generate, generator, "0-9", 40, seed=5, start=start) for start in STARTS
        ]
        images = [batch.result(timeout=60).images for batch in batches]
    assert np.array_equal(np.concatenate(images), expected)


@pytest.mark.skipif(sys.platform == "win32", reason="no fork")
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
@pytest.mark.parametrize("used_before", [False, True])
@OPTIONS
def test_forked_processes_inherit_a_generator(
    tiny_path: Path, expected: npt.NDArray[np.uint8], used_before: bool, options: Any
) -> None:
    generator = Generator(tiny_path, **options)
    if used_before:
        generator.generate("0-9", 200)
    context = multiprocessing.get_context("fork")
    receiver, sender = context.Pipe(duplex=False)

    def child() -> None:
        sender.send(generator.generate("0-9", 200, seed=5).images)

    process = context.Process(target=child)
    process.start()
    assert receiver.poll(60)
    assert np.array_equal(receiver.recv(), expected)
    process.join(60)
    assert process.exitcode == 0
    assert np.array_equal(generator.generate("0-9", 200, seed=5).images, expected)
