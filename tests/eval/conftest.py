"""Digits drawn by the tests, so that nothing has to be downloaded."""

import importlib.util
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from scorp_train.data import Dataset, Split

# Strokes in coordinates of 0 to 1, y downwards.
_ARC = [(np.cos(t), np.sin(t)) for t in np.linspace(0, 2 * np.pi, 25)]
_RING = [(0.5 + 0.3 * x, 0.5 + 0.42 * y) for x, y in _ARC]
_TOP = [(0.5 + 0.24 * x, 0.29 + 0.21 * y) for x, y in _ARC]
_LOW = [(0.5 + 0.28 * x, 0.7 + 0.22 * y) for x, y in _ARC]
STROKES = (
    [_RING],
    [[(0.5, 0.05), (0.5, 0.95)]],
    [[(0.25, 0.25), (0.4, 0.08), (0.65, 0.1), (0.72, 0.3), (0.2, 0.92), (0.8, 0.92)]],
    [[(0.25, 0.1), (0.7, 0.12), (0.72, 0.35), (0.45, 0.48), (0.75, 0.6), (0.72, 0.85), (0.22, 0.9)]],
    [[(0.35, 0.08), (0.2, 0.55), (0.8, 0.55)], [(0.68, 0.1), (0.66, 0.95)]],
    [[(0.75, 0.08), (0.3, 0.08), (0.28, 0.45), (0.65, 0.45), (0.75, 0.7), (0.55, 0.92), (0.22, 0.88)]],
    [[(0.62, 0.05), (0.32, 0.4), (0.24, 0.72)], _LOW],
    [[(0.2, 0.1), (0.8, 0.1), (0.42, 0.95)]],
    [_TOP, _LOW],
    [_TOP, [(0.74, 0.3), (0.68, 0.65), (0.6, 0.95)]],
)
_FINE = 8  # factor of the resolution at which strokes are drawn


def draw(label, random, thickness=None, slant=None):
    """Draw one digit uint8 (28, 28) with `thickness` in px and a shear of `slant`, both random by default."""
    thickness = random.uniform(1.8, 3.4) if thickness is None else thickness
    slant = random.uniform(-0.1, 0.4) if slant is None else slant
    scale = np.array([random.uniform(13, 17), random.uniform(17.5, 20)])
    canvas = Image.new("L", (28 * _FINE, 28 * _FINE))
    pen = ImageDraw.Draw(canvas)
    for stroke in STROKES[label]:
        wobble = np.array(stroke) - 0.5 + random.normal(0, 0.02, (len(stroke), 2))
        points = wobble * scale
        points[:, 0] -= slant * points[:, 1]
        line = [tuple(point) for point in (points + 14) * _FINE]
        pen.line(line, 255, round(thickness * _FINE), "curve")
        for x, y in (line[0], line[-1]):
            reach = thickness * _FINE / 2
            pen.ellipse((x - reach, y - reach, x + reach, y + reach), 255)
    return np.asarray(canvas.resize((28, 28), Image.Resampling.BOX))


def draw_split(count, seed):
    """Draw `count` digits, the classes in turn."""
    random = np.random.default_rng(seed)
    labels = np.arange(count, dtype=np.int64) % 10
    return Split(np.stack([draw(label, random) for label in labels]), labels)


@pytest.fixture(scope="session")
def pen():
    """The function that draws one digit."""
    return draw


@pytest.fixture(scope="session")
def drawn():
    """A dataset of drawn digits."""
    return Dataset("drawn", tuple("0123456789"), draw_split(1600, 1), draw_split(600, 2), "none")


@pytest.fixture(scope="session")
def held_out():
    """400 further images and their labels, which are in no split."""
    split = draw_split(400, 9)
    return split.images, split.labels


@pytest.fixture(scope="session")
def tiny_sizes():
    """Sizes for 400 drawn digits, chosen for speed."""
    from scorp_train.evaluation.sample_sizes import QUICK

    return replace(
        QUICK,
        count=400,
        real_samples=2,
        neighbours=300,
        pairs=200,
        corrupted=8,
        two_sample=150,
        two_sample_steps=15,
        copies=100,
        use_all=400,
        use_all_steps=30,
        use_steps=5,
        use_shots=(),
        knob_images=20,
        human_trials=10,
    )


@pytest.fixture(scope="session")
def idx_folder(tmp_path_factory, drawn):
    """The dataset of drawn digits as a folder of IDX files."""
    from scorp_train.data.idx import format_idx
    from scorp_train.data.idx_folder import FILES

    folder = tmp_path_factory.mktemp("data")
    arrays = (drawn.train.images, drawn.train.labels, drawn.test.images, drawn.test.labels)
    for name, array in zip(FILES, arrays, strict=True):
        (folder / name).write_bytes(format_idx(array.astype(np.uint8)))
    return folder


@pytest.fixture(scope="session")
def morpho_mnist():
    """The reference measures of style."""
    path = Path(__file__).resolve().parents[2] / "benchmarks" / "morpho_mnist.py"
    spec = importlib.util.spec_from_file_location("morpho_mnist", path)
    sys.modules["morpho_mnist"] = module = importlib.util.module_from_spec(spec)  # dataclasses look it up
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def judge():
    from scorp_train.judge import load_judge

    return load_judge("mnist")


@pytest.fixture(scope="session")
def mnist():
    """The real MNIST, if it is on this machine."""
    from scorp_train.data.mnist import find_mnist, load_mnist

    if find_mnist() is None:
        pytest.skip("MNIST is not on this machine")
    return load_mnist()
