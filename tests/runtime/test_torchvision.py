"""torchvision reads the folder and the IDX files, pixels and labels intact."""

import shutil
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from scorp_runtime import Batch, Generator

COUNT, SEED = 60, 3
ASKED = ["0-9", "-n", COUNT, "--seed", SEED, "--shards", 4]


@pytest.fixture(scope="module")
def vision() -> Any:
    """The module `torchvision.datasets`.

    Package indices have torchvision for one build of torch only. Beside another one its operators on boxes cannot be
    loaded, which no reader of data needs; the import asks no more than that their names are known.
    """
    try:
        import torchvision.datasets
    except RuntimeError:
        for name in [name for name in sys.modules if name.partition(".")[0] == "torchvision"]:
            del sys.modules[name]
        for operator in ("nms", "qnms"):
            torch.library.define(
                f"torchvision::{operator}", "(Tensor boxes, Tensor scores, float iou) -> Tensor"
            )
        import torchvision.datasets
    return torchvision.datasets


@pytest.fixture
def batch(generator: Generator) -> Batch:
    return generator.generate("0-9", COUNT, seed=SEED)


def test_an_image_folder_has_our_pictures_and_classes(
    vision: Any, scorp_gen: Any, tmp_path: Path, batch: Batch
) -> None:
    assert scorp_gen(*ASKED, "digits/").returncode == 0
    folder = vision.ImageFolder(tmp_path / "digits")
    assert folder.classes == list("0123456789")
    assert len(folder) == COUNT
    for (path, label), (image, again) in zip(folder.samples, folder, strict=True):
        place = int(Path(path).stem)
        assert label == again == batch.labels[place]
        assert np.array_equal(np.asarray(image.convert("L")), batch.images[place])


def test_mnist_reads_the_idx_files(vision: Any, scorp_gen: Any, tmp_path: Path, batch: Batch) -> None:
    raw = tmp_path / "MNIST" / "raw"
    raw.parent.mkdir()
    assert scorp_gen(*ASKED, "MNIST/raw/", "--format", "idx").returncode == 0
    for path in raw.glob("train-*"):  # torchvision asks for a test set, too
        shutil.copy(path, raw / path.name.replace("train", "t10k"))
    for train in (True, False):
        mnist = vision.MNIST(tmp_path, train=train)
        assert torch.equal(mnist.data, torch.from_numpy(batch.images))
        assert mnist.targets.tolist() == batch.labels.tolist()
    image, label = mnist[17]
    assert (np.asarray(image).tolist(), label) == (batch.images[17].tolist(), batch.labels[17])
