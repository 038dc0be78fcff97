"""Similarity of pairs of images, and how to pair them."""

import numpy as np
from numpy.typing import NDArray
from skimage.metrics import structural_similarity

from .neighbours import nearest

Images = NDArray[np.uint8]


def ssim(a: Images, b: Images) -> NDArray[np.float64]:
    """Return the structural similarity of pairs of images uint8 (N, H, W) (Wang et al. 2004): float64 (N,)."""
    options = {"gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False, "data_range": 255}
    return np.array([structural_similarity(x, y, **options) for x, y in zip(a, b, strict=True)], np.float64)


def mean_squared_error(a: Images, b: Images) -> NDArray[np.float64]:
    """Return the mean squared error of pairs of images uint8 (N, H, W), scaled to 0 to 1: float64 (N,)."""
    error: NDArray[np.float64] = ((a / 255.0 - b / 255.0) ** 2).mean((1, 2))
    return error


def nearest_of_class(
    images: Images, labels: NDArray[np.int64], references: Images, reference_labels: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Return the index of the nearest reference of the same class for each image: int64 (N,); -1 if there is none."""
    index = np.full(len(images), -1, np.int64)
    flat, reference_flat = images.reshape(len(images), -1), references.reshape(len(references), -1)
    for label in np.unique(labels):
        own, others = np.flatnonzero(labels == label), np.flatnonzero(reference_labels == label)
        if len(others):
            index[own] = others[nearest(flat[own], reference_flat[others])[1]]
    return index


def intra_class_ssim(images: Images, labels: NDArray[np.int64], pairs: int, seed: int) -> float:
    """Return the mean SSIM of random pairs of different images of one class (Odena, Olah and Shlens 2017).

    A higher value than for real images means less variety. It is NaN if no class has two images.
    """
    random = np.random.default_rng(seed)
    order = np.lexsort((random.random(len(labels)), labels))
    partner = np.empty(len(labels), np.int64)
    for label in np.unique(labels):
        members = order[labels[order] == label]
        partner[members] = np.roll(members, 1) if len(members) > 1 else -1
    usable = np.flatnonzero(partner >= 0)
    first = random.permutation(usable)[:pairs]
    return float(ssim(images[first], images[partner[first]]).mean()) if len(first) else float("nan")
