"""Where pictures come from: a SCORP model, a folder of images, or an `.npz` of somebody else's generator."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from scorp_runtime import Generator
from scorp_runtime.files.decoding import decoding
from scorp_runtime.sampling.labels import ANY
from scorp_train.data import DataError
from scorp_train.data.class_folders import LeftOut, class_name, collect, images_in
from scorp_train.data.dataset import SIDE
from scorp_train.data.image_folder import read_images
from scorp_train.data.levels import MOST_BRIGHT, Levels

from .sample_sizes import Plan

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
    notes: tuple[str, ...] = ()

    def counted_as(self, classes: tuple[str, ...], into: tuple[str, ...]) -> "Pictures":
        """The same with labels that count into other classes, which hold all of the old ones."""
        places = np.array([into.index(name) for name in classes], np.int64)
        labels, further, asked = self.labels, self.further_labels, self.asked
        return replace(
            self,
            labels=None if labels is None else places[labels],
            further_labels=None if further is None else places[further],
            asked=None if asked is None else np.bincount(places, asked, len(into)).astype(np.int64),
        )


def read_source(
    source: str,
    classes: tuple[str, ...],
    plan: Plan,
    count: int,
    seed: int,
    invert: bool,
    layout: str = "none",
) -> Pictures:
    """Read or draw the pictures to judge; `notes` are lines about how files were read.

    Raises `DataError`, or `ModelError` for a bad model file.
    """
    path = Path(source)
    if path.is_dir():
        images, labels, notes = _read_folder(path, classes, layout, invert)
        return replace(_limited(path.resolve().name, images, labels, None, count, seed, False), notes=notes)
    if path.suffix == ".npz":
        images, labels, originals, notes = _read_npz(path, classes)
        return replace(_limited(path.stem, images, labels, originals, count, seed, invert), notes=notes)
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
    elif images.mean() > MOST_BRIGHT:
        raise DataError(f"{name}: the images are mostly bright, but 0 should be paper; pass --invert")
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
    folder: Path, classes: tuple[str, ...], layout: str, invert: bool
) -> tuple[NDArray[np.uint8], NDArray[np.int64] | None, tuple[str, ...]]:
    """Images in folders named after classes, or all in one folder, without labels, as a training reads them."""
    left_out = LeftOut()
    labelled: list[tuple[Path, int]] = []
    for inner in sorted(path for path in folder.iterdir() if path.is_dir()):
        if class_name(inner) in classes:
            label = classes.index(class_name(inner))
            labelled += [(path, label) for path in collect(inner, left_out)]
        elif not inner.name.startswith("."):
            left_out.add("in a folder that is not named after a class", images_in(inner))
    paths = [path for path, _ in labelled] or collect(folder, left_out)
    if not paths:
        raise DataError(
            f"{folder} holds no pictures, neither directly nor in folders named after the classes"
        )
    images, notes = read_images(paths, layout, invert, blank=True)
    labels = np.array([label for _, label in labelled], np.int64) if labelled else None
    return images, labels, (*notes, *left_out.lines(folder))


def _read_npz(
    path: Path, classes: tuple[str, ...]
) -> tuple[NDArray[np.uint8], NDArray[np.int64] | None, NDArray[np.uint8] | None, tuple[str, ...]]:
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
    levels = Levels()
    for name in ("images", "originals"):
        if name not in stored:
            continue
        array = stored[name]
        if array.dtype.kind not in "buif" or array.shape[1:] != (SIDE, SIDE) or not array.size:
            raise DataError(
                f"{path}: {name} are {array.dtype} {array.shape}, not numbers (N, {SIDE}, {SIDE}) from 0 (paper)"
            )
        if len(array) != len(stored["images"]):
            raise DataError(f"{path}: {len(array)} {name} for {len(stored['images'])} images")
        levels.see(array, f"{path}: {name}")
    notes = levels.settle()
    originals = levels.grey(stored["originals"]) if "originals" in stored else None
    return levels.grey(stored["images"]), _npz_labels(path, stored, classes), originals, notes


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
