"""The number of threads, and that threads and processes draw what one thread draws."""

import multiprocessing
import sys
import threading
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from scorp_runtime import Generator, RequestError
from scorp_runtime.inference.parallel import run_in_threads
from scorp_runtime.inference.threads import OTHER_VARIABLES, VARIABLE, read_threads, usable_cores


@pytest.fixture(autouse=True)
def _no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (VARIABLE, *OTHER_VARIABLES):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    ("argument", "variables", "expected"),
    [
        (None, {}, 1),
        (None, {"OMP_NUM_THREADS": "4,2"}, 4),
        (None, {"OMP_NUM_THREADS": "4", "ORT_INTRA_OP_NUM_THREADS": "5"}, 5),
        (None, {"OMP_NUM_THREADS": "4", "ORT_INTRA_OP_NUM_THREADS": "0"}, 4),
        (None, {"OMP_NUM_THREADS": "many"}, 1),
        (None, {"OMP_NUM_THREADS": "9" * 5000}, 1),
        (None, {"OMP_NUM_THREADS": "4", "ORT_INTRA_OP_NUM_THREADS": "5", "SCORP_THREADS": "6"}, 6),
        (7, {"SCORP_THREADS": "6"}, 7),
    ],
)
def test_the_argument_goes_before_our_variable_and_that_before_others(
    monkeypatch: pytest.MonkeyPatch, argument: Any, variables: dict[str, str], expected: int
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert read_threads(argument) == expected


@pytest.mark.parametrize("value", ["0", "two", "-1", "1025", "١", "9" * 5000])  # noqa: RUF001
def test_an_invalid_value_of_our_variable_is_refused(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv(VARIABLE, value)
    with pytest.raises(RequestError, match=VARIABLE):
        read_threads(None)


@pytest.mark.parametrize(
    ("membership", "files", "expected"),
    [
        ("0::/\n", {"cpu.max": "max 100000\n"}, 64),
        ("0::/\n", {"cpu.max": "200000 100000\n"}, 2),
        ("0::/a/b\n", {"a/cpu.max": "150000 100000\n", "a/b/cpu.max": "max 100000\n"}, 2),
        ("0::/hidden/name\n", {"cpu.max": "50000 100000\n"}, 1),
        ("3:cpu,cpuacct:/x\n", {"cpu/x/cpu.cfs_quota_us": "300000", "cpu/x/cpu.cfs_period_us": "100000"}, 3),
        ("3:cpu:/\n", {"cpu/cpu.cfs_quota_us": "-1", "cpu/cpu.cfs_period_us": "100000"}, 64),
    ],
)
def test_usable_cores_respect_the_limits_of_a_container(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, membership: str, files: dict[str, str], expected: int
) -> None:
    monkeypatch.setattr("os.sched_getaffinity", lambda _: set(range(64)), raising=False)
    for name, text in {**files, "membership": membership}.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    assert usable_cores(tmp_path, tmp_path / "membership") == expected


def test_auto_respects_the_affinity_of_the_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.sched_getaffinity", lambda _: {3, 5, 7}, raising=False)
    monkeypatch.setattr(usable_cores, "__defaults__", (tmp_path, tmp_path / "none"))
    assert read_threads("auto") == 3
    monkeypatch.setenv(VARIABLE, "auto")
    assert read_threads(None) == 3


@pytest.mark.parametrize("threads", [2, 3, 8])
def test_threads_draw_what_one_thread_draws(tiny_path: Path, threads: int) -> None:
    many, one = Generator(tiny_path, threads=threads), Generator(tiny_path)
    request: dict[str, Any] = {"seed": 1, "slant": "-5..5", "width": np.linspace(5, 15, 1000)}
    labels, canvas = np.arange(1000) % 7, np.zeros((2, 1000, 12, 10), np.uint8)
    batch, expected = many.generate(labels, **request, out=canvas[1]), one.generate(labels, **request)
    assert np.array_equal(canvas[1], expected.images)
    assert np.array_equal(batch.styles, expected.styles)
    assert np.array_equal(batch.labels, expected.labels)
    assert not canvas[0].any()


def test_threads_work_at_once_and_are_reused() -> None:
    meet = threading.Barrier(3, timeout=30)  # all three must arrive before any may continue
    run_in_threads(lambda part: meet.wait() and None, [0, 1, 2], 3)
    before = threading.active_count()
    for _ in range(5):
        run_in_threads(lambda part: meet.wait() and None, [0, 1, 2], 3)
    assert threading.active_count() == before


def test_an_error_in_a_thread_is_raised_and_stops_the_others() -> None:
    done: list[int] = []

    def work(part: int) -> None:
        if part == 1:
            raise IndexError("no")
        done.append(part)

    with pytest.raises(IndexError, match="no"):
        run_in_threads(work, range(10**6), 2)
    assert len(done) < 10**6 - 1


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
