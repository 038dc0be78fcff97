"""The images to evaluate, from a SCORP model, a folder of images, or an `.npz` of another generator."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from scorp_runtime import Generator
from scorp_runtime.files.decoding import decoding
from scorp_runtime.model.bundled import bundled_names
from scorp_runtime.sampling.labels import ANY
from scorp_train.data import DataError
from scorp_train.data.class_folders import class_name, images_in, skipped_files
from scorp_train.data.class_names import class_indices
from scorp_train.data.dataset import SIDE
from scorp_train.data.grey_levels import MOST_BRIGHT, to_grey
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
        indices = class_indices(old, classes)
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
        source: a bundled model, or the path of a model, folder or `.npz`; the name of a bundled model is never a path.
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
    if source not in bundled_names() and path.is_dir():
        return _sampled(_read_folder(path, classes, layout, invert), count, seed)
    if path.suffix == ".npz":
        return _sampled(_read_npz(path, classes, invert), count, seed)
    return _draw(Generator(source), classes, sizes, count, seed)


def _draw(
    generator: Generator, classes: tuple[str, ...], sizes: SampleSizes, count: int, seed: int
) -> SourceImages:
    """Draw equally many images of each class that the model shares with the dataset, or any if it is unconditional."""
    name = generator.info.name
    next_seed = (seed + 1) % 2**64  # images to train on differ from those to evaluate
    if generator.classes == (ANY,):
        images = generator.generate(ANY, count, seed=seed).images
        training_images = generator.generate(ANY, sizes.use_all, seed=next_seed).images
        return SourceImages(name, images, None, training_images, None, generator=generator)
    indices = class_indices(generator.classes, classes)
    common = np.flatnonzero(indices >= 0)
    if not len(common):
        raise DataError(f"{generator!r} has none of the classes {', '.join(classes)}")
    drawn, to_train_on = np.resize(common, count), np.resize(common, sizes.use_all)
    return SourceImages(
        name=name,
        images=generator.generate(drawn, seed=seed).images,
        labels=indices[drawn],
        training_images=generator.generate(to_train_on, seed=next_seed).images,
        training_labels=indices[to_train_on],
        requested=np.bincount(indices[drawn], minlength=len(classes)),
        generator=generator,
    )


def _sampled(source: SourceImages, count: int, seed: int) -> SourceImages:
    """Return at most `count` of the images, chosen at random, and all of them to train on. Raises `DataError`."""
    if len(source.images) < _FEWEST:
        raise DataError(
            f"{source.name}: {len(source.images)} images are too few to evaluate; at least {_FEWEST} are needed"
        )
    if source.images.mean() > MOST_BRIGHT:
        raise DataError(
            f"{source.name}: the images are mostly bright, but 0 should be paper; add or remove --invert"
        )
    pick = np.sort(np.random.default_rng(seed).permutation(len(source.images))[:count])
    return replace(
        source,
        images=source.images[pick],
        labels=None if source.labels is None else source.labels[pick],
        originals=None if source.originals is None else source.originals[pick],
    )


def _read_folder(folder: Path, classes: tuple[str, ...], layout: str, invert: bool) -> SourceImages:
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
    notes += skipped_files(folder, paths)
    return SourceImages(folder.resolve().name, images, labels, images, labels, notes=notes)


def _read_npz(path: Path, classes: tuple[str, ...], invert: bool) -> SourceImages:
    """Read the array `images` and, if present, `labels` and `originals`."""
    with decoding(DataError, path), path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
        if max(entry.file_size for entry in arrays.zip.infolist()) > LARGEST:
            raise ValueError(f"an array of it has more than {LARGEST} bytes")
        stored = {name: arrays[name] for name in ("images", "labels", "originals") if name in arrays}
    if "images" not in stored:
        raise DataError(f"{path} has no array `images`")
    count, labels = len(stored["images"]), stored.pop("labels", None)
    for name, array in stored.items():
        if array.dtype.kind not in "buif" or array.shape[1:] != (SIDE, SIDE) or not array.size:
            raise DataError(
                f"{path}: {name} are {array.dtype} {array.shape}, not numbers (N, {SIDE}, {SIDE}) from 0 (paper)"
            )
        if len(array) != count:
            raise DataError(f"{path}: {len(array)} {name} for {count} images")
    grey, notes = to_grey(stored, invert, str(path))
    images = grey["images"]
    known = None if labels is None else _checked_labels(path, labels, count, classes)
    return SourceImages(path.stem, images, known, images, known, grey.get("originals"), notes=notes)


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
