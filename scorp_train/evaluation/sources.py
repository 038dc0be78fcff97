"""Where pictures come from: a SCORP model, a folder of pictures, or an `.npz` of somebody else's generator."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from scorp_runtime import Generator
from scorp_runtime.decoding import decoding
from scorp_runtime.labels import ANY
from scorp_train.data import DataError
from scorp_train.data.dataset import SIDE
from scorp_train.data.image_folder import SUFFIXES, read_grey
from scorp_train.evaluation.plan import Plan

LARGEST = 1 << 31
"""The most bytes of an array in an `.npz`: two million pictures."""


@dataclass(frozen=True, eq=False)
class Pictures:
    """What is judged: `images` uint8 (N, 28, 28); `labels` int64 (N,) into the data set's classes, None if unknown.

    `originals` are what the images reconstruct, picture by picture. `asked` counts by class what was ordered.
    `further_images` and `further_labels` are more of the same, to train a classifier on.
    """

    name: str
    images: NDArray[np.uint8]
    labels: NDArray[np.int64] | None
    further_images: NDArray[np.uint8]
    further_labels: NDArray[np.int64] | None
    originals: NDArray[np.uint8] | None = None
    asked: NDArray[np.int64] | None = None
    generator: Generator | None = None


def read_source(
    source: str, classes: tuple[str, ...], plan: Plan, count: int, seed: int, invert: bool
) -> Pictures:
    """Read or draw the pictures to judge. Raises `DataError`, or `ModelError` for a bad model file."""
    path = Path(source)
    if path.is_dir():
        return _limited(path.resolve().name, *_read_folder(path, classes), None, count, seed, invert)
    if path.suffix == ".npz":
        return _limited(path.stem, *_read_npz(path, classes), count, seed, invert)
    return _draw(Generator(source), classes, plan, count, seed)


def _draw(generator: Generator, classes: tuple[str, ...], plan: Plan, count: int, seed: int) -> Pictures:
    """Even shares of the classes that the model and the data set have in common; what comes, if it has no choice."""
    if generator.classes == (ANY,):
        return Pictures(
            name=generator.info.name,
            images=generator.generate(ANY, count, seed=seed).images,
            labels=None,
            further_images=generator.generate(ANY, plan.use_all, seed=(seed + 1) % 2**64).images,
            further_labels=None,
            generator=generator,
        )
    shared = np.array([number for number, name in enumerate(generator.classes) if name in classes], np.int64)
    if not len(shared):
        raise DataError(f"{generator!r} has none of the classes {', '.join(classes)}")
    position = np.array([classes.index(generator.classes[number]) for number in shared], np.int64)
    turn, further_turn = np.arange(count) % len(shared), np.arange(plan.use_all) % len(shared)
    batch = generator.generate(shared[turn], seed=seed)
    # The next seed, so that the classifier never trains on the pictures that are judged.
    further = generator.generate(shared[further_turn], seed=(seed + 1) % 2**64)
    labels = position[turn]
    return Pictures(
        name=generator.info.name,
        images=batch.images,
        labels=labels,
        further_images=further.images,
        further_labels=position[further_turn],
        asked=np.bincount(labels, minlength=len(classes)).astype(np.int64),
        generator=generator,
    )


def _limited(
    name: str,
    images: NDArray[np.uint8],
    labels: NDArray[np.int64] | None,
    originals: NDArray[np.uint8] | None,
    count: int,
    seed: int,
    invert: bool,
) -> Pictures:
    """At most `count` pictures, picked at random; all of them to train on."""
    if len(images) < 100:
        raise DataError(f"{name}: {len(images)} pictures are too few to judge; at least 100 are needed")
    if invert:
        images = 255 - images
    elif images.mean() > 127:
        raise DataError(f"{name}: the pictures are mostly bright, but 0 should be paper; pass --invert")
    pick = np.sort(np.random.default_rng(seed).permutation(len(images))[:count])
    return Pictures(
        name=name,
        images=images[pick],
        labels=None if labels is None else labels[pick],
        further_images=images,
        further_labels=labels,
        originals=None if originals is None else originals[pick],
    )


def _read_folder(
    folder: Path, classes: tuple[str, ...]
) -> tuple[NDArray[np.uint8], NDArray[np.int64] | None]:
    """Pictures in folders named after classes, or all in one folder, without labels."""
    found = [(name, sorted(_pictures_in(folder / name))) for name in classes if (folder / name).is_dir()]
    if found:
        files = [(path, classes.index(name)) for name, paths in found for path in paths]
        labels = np.array([label for _, label in files], np.int64)
        return _read_pictures([path for path, _ in files], folder), labels
    return _read_pictures(sorted(_pictures_in(folder)), folder), None


def _pictures_in(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES]


def _read_pictures(paths: list[Path], folder: Path) -> NDArray[np.uint8]:
    if not paths:
        raise DataError(
            f"{folder} holds no pictures, neither directly nor in folders named after the classes"
        )
    images = np.empty((len(paths), SIDE, SIDE), np.uint8)
    for number, path in enumerate(paths):
        try:
            image = read_grey(path)
        except DataError as error:
            raise DataError(f"{path} is no picture: {error}") from error
        if image.shape != (SIDE, SIDE):
            raise DataError(f"{path} is {image.shape[1]} x {image.shape[0]} pixels, not {SIDE} x {SIDE}")
        images[number] = image
    return images


def _read_npz(
    path: Path, classes: tuple[str, ...]
) -> tuple[NDArray[np.uint8], NDArray[np.int64] | None, NDArray[np.uint8] | None]:
    """Arrays `images`, `labels` (may be missing) and `originals` (of reconstructions; may be missing)."""
    with (
        decoding(DataError, path),
        path.open("rb") as file,
        np.load(file, allow_pickle=False) as arrays,
    ):
        if max(entry.file_size for entry in arrays.zip.infolist()) > LARGEST:
            raise ValueError(f"an array of it has more than {LARGEST} bytes")
        stored = {name: arrays[name] for name in ("images", "labels", "originals") if name in arrays}
    if "images" not in stored:
        raise DataError(f"{path} has no array `images`")
    for name in ("images", "originals"):
        if name in stored and (stored[name].dtype != np.uint8 or stored[name].shape[1:] != (SIDE, SIDE)):
            shape = f"{stored[name].dtype} {stored[name].shape}"
            raise DataError(f"{path}: {name} are {shape}, not uint8 (N, {SIDE}, {SIDE})")
        if name in stored and len(stored[name]) != len(stored["images"]):
            raise DataError(f"{path}: {len(stored[name])} {name} for {len(stored['images'])} images")
    return stored["images"], _npz_labels(path, stored, classes), stored.get("originals")


def _npz_labels(
    path: Path, stored: dict[str, NDArray[np.generic]], classes: tuple[str, ...]
) -> NDArray[np.int64] | None:
    if "labels" not in stored:
        return None
    labels = stored["labels"]
    if labels.dtype.kind not in "iu" or labels.shape != stored["images"].shape[:1]:
        raise DataError(f"{path}: labels are {labels.dtype} {labels.shape}, not one integer for each image")
    numbers = labels.astype(np.int64)
    if len(numbers) and not (numbers.min() >= 0 and numbers.max() < len(classes)):
        raise DataError(
            f"{path}: labels run from {numbers.min()} to {numbers.max()}, not 0 to {len(classes) - 1}"
        )
    return numbers
