"""The images to evaluate, from a SCORP model, a folder of images, or an `.npz` of another generator."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from scorp_runtime import Generator
from scorp_runtime.files.decoding import decoding
from scorp_runtime.sampling.labels import ANY
from scorp_train.data import DataError
from scorp_train.data.class_folders import class_name, images_in, skipped_files
from scorp_train.data.dataset import SIDE
from scorp_train.data.grey_levels import MOST_BRIGHT, GreyLevels
from scorp_train.data.image_folder import read_images

from .sample_sizes import SampleSizes

LARGEST = 1 << 31
"""The most bytes of an array in an `.npz`: two million images."""
_FEWEST = 100


@dataclass(frozen=True, eq=False)
class SourceImages:
    """Images to evaluate.

    Attributes:
        name: name of the model, file or folder.
        images: uint8 (N, 28, 28).
        labels: int64 (N,), indices into the dataset's classes; None if unknown.
        training_images: images from the same source to train a classifier on, uint8 (M, 28, 28).
        training_labels: their labels, int64 (M,); None if unknown.
        originals: what the images are reconstructions of, uint8 (N, 28, 28).
        requested: number of images requested of each class, int64 (K,).
        generator: the model that drew the images.
        notes: lines for the user about how the images were read.
    """

    name: str
    images: NDArray[np.uint8]
    labels: NDArray[np.int64] | None
    training_images: NDArray[np.uint8]
    training_labels: NDArray[np.int64] | None
    originals: NDArray[np.uint8] | None = None
    requested: NDArray[np.int64] | None = None
    generator: Generator | None = None
    notes: tuple[str, ...] = ()

    def with_classes(self, old: tuple[str, ...], classes: tuple[str, ...]) -> "SourceImages":
        """Return the images with labels that index `classes`, which must include all `old` ones."""
        indices = np.array([classes.index(name) for name in old], np.int64)
        labels, training, requested = self.labels, self.training_labels, self.requested
        if requested is not None:
            requested = np.bincount(indices, requested, len(classes)).astype(np.int64)
        return replace(
            self,
            labels=None if labels is None else indices[labels],
            training_labels=None if training is None else indices[training],
            requested=requested,
        )


def read_source(
    source: str,
    classes: tuple[str, ...],
    sizes: SampleSizes,
    count: int,
    seed: int,
    invert: bool,
    layout: str = "none",
) -> SourceImages:
    """Read or draw the images to evaluate.

    Args:
        source: a bundled model, or the path of a model, a folder or an `.npz`.
        classes: names of the dataset's classes.
        sizes: sizes of samples.
        count: number of images, at most.
        seed: seed of the images or of their choice.
        invert: whether images in files have dark ink on light paper.
        layout: which images in folders to bring into MNIST's form, as in `load_dataset`.

    Raises:
        DataError: if files cannot be used.
        ModelError: if a model cannot be loaded.
    """
    path = Path(source)
    if path.is_dir():
        images, labels, notes = _read_folder(path, classes, layout, invert)
        return replace(_sampled(path.resolve().name, images, labels, None, count, seed, False), notes=notes)
    if path.suffix == ".npz":
        images, labels, originals, notes = _read_npz(path, classes)
        return replace(_sampled(path.stem, images, labels, originals, count, seed, invert), notes=notes)
    return _draw(Generator(source), classes, sizes, count, seed)


def _draw(
    generator: Generator, classes: tuple[str, ...], sizes: SampleSizes, count: int, seed: int
) -> SourceImages:
    """Draw equally many images of each class that the model shares with the dataset, or any if it is unconditional."""
    name, next_seed = (
        generator.info.name,
        (seed + 1) % 2**64,
    )  # images to train on differ from those to evaluate
    if generator.classes == (ANY,):
        images, training = (
            generator.generate(ANY, number, seed=of).images
            for number, of in ((count, seed), (sizes.use_all, next_seed))
        )
        return SourceImages(name, images, None, training, None, generator=generator)
    common = np.array([number for number, name in enumerate(generator.classes) if name in classes], np.int64)
    if not len(common):
        raise DataError(f"{generator!r} has none of the classes {', '.join(classes)}")
    index = np.array([classes.index(generator.classes[number]) for number in common], np.int64)
    turn, training_turn = np.arange(count) % len(common), np.arange(sizes.use_all) % len(common)
    labels = index[turn]
    return SourceImages(
        name=name,
        images=generator.generate(common[turn], seed=seed).images,
        labels=labels,
        training_images=generator.generate(common[training_turn], seed=next_seed).images,
        training_labels=index[training_turn],
        requested=np.bincount(labels, minlength=len(classes)).astype(np.int64),
        generator=generator,
    )


def _sampled(
    name: str,
    images: NDArray[np.uint8],
    labels: NDArray[np.int64] | None,
    originals: NDArray[np.uint8] | None,
    count: int,
    seed: int,
    invert: bool,
) -> SourceImages:
    """Return at most `count` images, chosen at random, and all of them to train on."""
    if len(images) < _FEWEST:
        raise DataError(
            f"{name}: {len(images)} images are too few to evaluate; at least {_FEWEST} are needed"
        )
    if invert:
        images = 255 - images
    elif images.mean() > MOST_BRIGHT:
        raise DataError(f"{name}: the images are mostly bright, but 0 should be paper; pass --invert")
    pick = np.sort(np.random.default_rng(seed).permutation(len(images))[:count])
    return SourceImages(
        name=name,
        images=images[pick],
        labels=None if labels is None else labels[pick],
        training_images=images,
        training_labels=labels,
        originals=None if originals is None else originals[pick],
    )


def _read_folder(
    folder: Path, classes: tuple[str, ...], layout: str, invert: bool
) -> tuple[NDArray[np.uint8], NDArray[np.int64] | None, tuple[str, ...]]:
    """Read images in class folders, or all in one folder without labels, in the same way as for training."""
    labelled = [
        (path, classes.index(class_name(inner)))
        for inner in sorted(path for path in folder.iterdir() if path.is_dir())
        if class_name(inner) in classes
        for path in images_in(inner)
    ]
    paths = [path for path, _ in labelled] or images_in(folder)
    if not paths:
        raise DataError(f"{folder} holds no images, neither directly nor in folders named after classes")
    images, notes = read_images(paths, layout, invert, strict=False)
    labels = np.array([label for _, label in labelled], np.int64) if labelled else None
    return images, labels, (*notes, *skipped_files(folder, paths))


def _read_npz(
    path: Path, classes: tuple[str, ...]
) -> tuple[NDArray[np.uint8], NDArray[np.int64] | None, NDArray[np.uint8] | None, tuple[str, ...]]:
    """Read the array `images` and, if present, `labels` and `originals`."""
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
    levels, count = GreyLevels(), len(stored["images"])
    planes = {name: array for name, array in stored.items() if name != "labels"}
    for name, array in planes.items():
        if array.dtype.kind not in "buif" or array.shape[1:] != (SIDE, SIDE) or not array.size:
            raise DataError(
                f"{path}: {name} are {array.dtype} {array.shape}, not numbers (N, {SIDE}, {SIDE}) from 0 (paper)"
            )
        if len(array) != count:
            raise DataError(f"{path}: {len(array)} {name} for {count} images")
        levels.observe(array, f"{path}: {name}")
    notes = levels.decide()
    grey = {name: levels.convert(array) for name, array in planes.items()}
    labels = _checked_labels(path, stored["labels"], count, classes) if "labels" in stored else None
    return grey["images"], labels, grey.get("originals"), notes


def _checked_labels(
    path: Path, labels: NDArray[np.generic], count: int, classes: tuple[str, ...]
) -> NDArray[np.int64]:
    if labels.dtype.kind not in "iu" or labels.shape != (count,):
        raise DataError(f"{path}: labels are {labels.dtype} {labels.shape}, not one integer for each image")
    numbers = labels.astype(np.int64)
    if len(numbers) and not (numbers.min() >= 0 and numbers.max() < len(classes)):
        raise DataError(
            f"{path}: labels run from {numbers.min()} to {numbers.max()}, not 0 to {len(classes) - 1}"
        )
    return numbers
