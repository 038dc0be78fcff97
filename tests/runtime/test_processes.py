"""A generator works in threads, and in processes however they were begun."""

import multiprocessing
import sys
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from functools import partial
from operator import methodcaller
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import scorp_runtime.generator
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


@pytest.mark.parametrize("options", [{}, {"threads": 2}, {"backend": "numpy"}])
def test_spawned_processes_receive_a_generator(
    tiny_path: Path,
    expected: np.ndarray,  # type: ignore[type-arg]
    options: Any,
) -> None:
    generator = Generator(tiny_path, **options)
    generator.generate(7)  # a network of this process does not travel
    with ProcessPoolExecutor(2, multiprocessing.get_context("spawn")) as pool:
        batches = [
            pool.submit(Generator.generate, generator, "0-9", 40, seed=5, start=s) for s in range(0, 200, 40)
        ]
        images = [batch.result(timeout=60).images for batch in batches]
    assert np.array_equal(np.concatenate(images), expected)


@pytest.mark.skipif(sys.platform == "win32", reason="no fork")
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
@pytest.mark.parametrize("used_before", [False, True])
@pytest.mark.parametrize("options", [{}, {"threads": 2}, {"backend": "numpy"}])
def test_forked_processes_inherit_a_generator(
    tiny_path: Path,
    expected: np.ndarray,  # type: ignore[type-arg]
    used_before: bool,
    options: Any,
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


def test_a_network_is_set_up_when_it_is_first_used_and_once_in_a_process(
    tiny_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    open_backend = scorp_runtime.generator.open_backend

    def watch(name: str, *arguments: Any) -> Any:
        opened.append(name)
        return open_backend(name, *arguments)

    monkeypatch.setattr("scorp_runtime.generator.open_backend", watch)
    generator = Generator(tiny_path)
    assert opened == []
    for _ in range(3):
        generator.generate("0-9", 100)
    assert opened == ["onnxruntime"]
    monkeypatch.setattr("os.getpid", lambda: -1)  # as in a forked child
    generator.generate("0-9", 100)
    assert opened == ["onnxruntime"] * 2
