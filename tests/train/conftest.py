"""A small dataset of digits from the bundled model, and short trainings on it."""

import gzip
import os
import struct
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from scorp_runtime import Generator
from scorp_train.export import release
from scorp_train.training import trainer

TRAINING, TEST = 384, 64
# Both stages of the default model in a dozen steps.
SMALL_TRAINING = (
    "--epochs 2 --batch 64 --threads 1 --code 16 --components 4 --factors 2 --first 8 --low 16 "
    "--discriminator-width 8 --codes-share 0.5"
)


@pytest.fixture(scope="module", autouse=True)
def few_scored() -> Iterator[None]:
    """Score few images in trainings of this process, for speed."""
    with pytest.MonkeyPatch.context() as patch:
        for module in (trainer, release):
            patch.setattr(module, "SCORED", 100)
        yield


@pytest.fixture(scope="session")
def digits(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of four IDX files like MNIST's."""
    folder = tmp_path_factory.mktemp("digits")
    generator = Generator()
    for name, count, start in (("train", TRAINING, 0), ("t10k", TEST, TRAINING)):
        batch = generator.generate("0-9", count, seed=11, start=start)
        images = struct.pack(">4i", 2051, count, *batch.images.shape[1:]) + batch.images.tobytes()
        labels = struct.pack(">2i", 2049, count) + batch.labels.astype(np.uint8).tobytes()
        (folder / f"{name}-images-idx3-ubyte.gz").write_bytes(gzip.compress(images, mtime=0))
        (folder / f"{name}-labels-idx1-ubyte.gz").write_bytes(gzip.compress(labels, mtime=0))
    return folder


@pytest.fixture(scope="session")
def sizes() -> list[str]:
    """Options of a training that takes seconds."""
    return SMALL_TRAINING.split()


@pytest.fixture(scope="session")
def scorp_train() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run `scorp-train` in its own process, without the current folder on its path."""

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(command(words), capture_output=True, text=True, timeout=600, env=environment())

    return run


@pytest.fixture(scope="session")
def small(digits: Path) -> Callable[..., list[str]]:
    """Return the arguments of a short training on the small dataset: small(runs, *more options)."""

    def words(runs: Path, *more: str) -> list[str]:
        return ["--data", str(digits), "--runs", str(runs), *SMALL_TRAINING.split(), *more]

    return words


@pytest.fixture(scope="session")
def start(small: Callable[..., list[str]]) -> Callable[[Path], "subprocess.Popen[str]"]:
    """Start the short training without waiting for its end."""

    def begin(runs: Path) -> "subprocess.Popen[str]":
        pipes = {"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE}
        return subprocess.Popen(command(small(runs)), text=True, env=environment(), **pipes)

    return begin


@pytest.fixture(scope="session")
def torchrun(small: Callable[..., list[str]]) -> Callable[..., "subprocess.Popen[str]"]:
    """Start a short training in two processes: torchrun(runs, *more options)."""

    def begin(runs: Path, *more: str) -> "subprocess.Popen[str]":
        launch = ["torch.distributed.run", "--standalone", "--nproc-per-node", "2", "-m", "scorp_train"]
        words = [sys.executable, "-P", "-m", *launch, *small(runs, *more)]
        # torchrun starts processes without -P.
        safe = {**environment(), "PYTHONSAFEPATH": "1"}
        return subprocess.Popen(words, text=True, env=safe, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    return begin


def environment() -> dict[str, str]:
    return {**os.environ, "OMP_NUM_THREADS": "1"}


def command(words: Sequence[str]) -> list[str]:
    return [sys.executable, "-P", "-m", "scorp_train", *words]


@pytest.fixture(scope="session")
def finished(
    scorp_train: Callable[..., subprocess.CompletedProcess[str]],
    small: Callable[..., list[str]],
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    """The folder of one finished run."""
    runs = tmp_path_factory.mktemp("runs")
    result = scorp_train(*small(runs))
    assert result.returncode == 0, result.stderr
    (run,) = runs.iterdir()
    return run
