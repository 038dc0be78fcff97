"""A generator works in threads, and in processes however they were begun."""

import multiprocessing
import sys
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from functools import partial
from operator import methodcaller
from pathlib import Path

import numpy as np
import pytest

from scorp_runtime import Generator

PARTS = [methodcaller("generate", "0-9", 40, seed=5, start=start) for start in range(0, 200, 40)]


def call(generator: Generator, part: methodcaller) -> np.ndarray:  # type: ignore[type-arg]
    return part(generator).images  # type: ignore[no-any-return]


@pytest.fixture
def expected(generator: Generator) -> np.ndarray:  # type: ignore[type-arg]
    return generator.generate("0-9", 200, seed=5).images


def test_threads_share_a_generator(tiny_path: Path, expected: np.ndarray) -> None:  # type: ignore[type-arg]
    fresh = Generator(tiny_path)  # so that the threads also meet at the making of the session
    with ThreadPoolExecutor(4) as pool:
        images = list(pool.map(partial(call, fresh), PARTS * 4))
    assert np.array_equal(np.concatenate(images), np.concatenate([expected] * 4))


def test_spawned_processes_receive_a_generator(generator: Generator, expected: np.ndarray) -> None:  # type: ignore[type-arg]
    with ProcessPoolExecutor(2, multiprocessing.get_context("spawn")) as pool:
        batches = [
            pool.submit(Generator.generate, generator, "0-9", 40, seed=5, start=s) for s in range(0, 200, 40)
        ]
        images = [batch.result(timeout=60).images for batch in batches]
    assert np.array_equal(np.concatenate(images), expected)


@pytest.mark.skipif(sys.platform == "win32", reason="no fork")
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
@pytest.mark.parametrize("used_before", [False, True])
def test_forked_processes_inherit_a_generator(
    tiny_path: Path,
    expected: np.ndarray,
    used_before: bool,  # type: ignore[type-arg]
) -> None:
    generator = Generator(tiny_path)
    if used_before:
        generator.generate(7)
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
