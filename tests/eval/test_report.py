"""A report tells real digits from impostors, and is reproducible."""

import json

import numpy as np
import pytest
from scipy import ndimage

from scorp_train.evaluation.report import evaluate
from scorp_train.evaluation.report_json import report_fields
from scorp_train.evaluation.sources import SourceImages


@pytest.fixture(scope="session")
def fields_of(drawn, judge, tiny_sizes):
    """Return a function that evaluates images and returns the fields of the report."""
    known = {}

    def measure(name, images, labels):
        if name not in known:
            source = SourceImages(name, images, labels, images, labels)
            known[name] = report_fields(evaluate(source, drawn, judge, tiny_sizes, 0, str))
        return known[name]

    return measure


def impostor(kind, images, labels, train):
    """Return 400 images that are not real digits, and labels."""
    random = np.random.default_rng(5)
    if kind == "class means":
        means = np.stack([train.images[train.labels == k].mean(0) for k in range(10)])
        noisy = means[labels] * 1.5 + random.normal(0, 6, images.shape)
        return np.clip(noisy, 0, 255).astype(np.uint8), labels
    if kind == "twenty repeated":
        return images[np.arange(400) % 20], labels[np.arange(400) % 20]
    if kind == "a class dropped":
        keep = np.flatnonzero(labels != 7)
        again = np.concatenate([keep, keep[:40]])
        return images[again], labels[again]
    if kind == "labels shuffled":
        return images, random.permutation(labels)
    if kind == "blurred":
        return ndimage.gaussian_filter(images, (0, 1.3, 1.3)), labels
    return random.integers(0, 256, images.shape, np.uint8), labels


def test_real_digits_are_as_real(fields_of, held_out):
    fields = fields_of("real", *held_out)
    short = [name for name, figure in fields["figures"].items() if figure["verdict"] == "short of real"]
    assert short == []
    assert fields["summary"]["diagnostics_passed"] == fields["summary"]["diagnostics"]


@pytest.mark.parametrize(
    ("kind", "caught_by"),
    [
        ("class means", ["recall", "coverage", "intra_class_ssim", "frechet_distance", "thickness_distance"]),
        ("twenty repeated", ["recall", "coverage", "close_siblings", "use_all"]),
        ("a class dropped", ["class_balance_p", "class_entropy", "recall", "frechet_distance"]),
        ("labels shuffled", ["label_accuracy", "use_all", "corrupted_accuracy"]),
        ("blurred", ["frechet_distance", "precision", "two_sample_auc", "thickness_distance"]),
        ("noise", ["label_accuracy", "precision", "recall", "frechet_distance", "two_sample_auc"]),
    ],
)
def test_every_impostor_is_found(fields_of, held_out, drawn, kind, caught_by):
    real = fields_of("real", *held_out)["figures"]
    found = fields_of(kind, *impostor(kind, *held_out, drawn.train))["figures"]
    for name in caught_by:
        assert found[name]["verdict"] == "short of real", name
        worse = found[name]["value"] > real[name]["value"]
        assert worse == (found[name]["better"] == "lower"), name


def test_copies_of_training_images_are_found(fields_of, drawn):
    pick = np.random.default_rng(3).permutation(len(drawn.train))[:400]
    figures = fields_of("copies", drawn.train.images[pick], drawn.train.labels[pick])["figures"]
    assert figures["exact_copies"]["value"] == 1
    assert figures["near_copies"]["verdict"] == "short of real"


def test_the_same_seed_gives_the_same_json(fields_of, held_out, drawn, judge, tiny_sizes):
    first = fields_of("real", *held_out)
    source = SourceImages("real", *held_out, *held_out)
    again = report_fields(evaluate(source, drawn, judge, tiny_sizes, 0, str))
    assert json.dumps(again, allow_nan=False) == json.dumps(first, allow_nan=False)


def test_reconstructions_without_labels(held_out, drawn, judge, tiny_sizes):
    images = held_out[0]
    source = SourceImages("codec", images, None, images, None, originals=images)
    fields = report_fields(evaluate(source, drawn, judge, tiny_sizes, 0, str))
    assert "label_accuracy" not in fields["figures"]
    assert "no labels" in fields["sections"][1]["notes"][0]
    assert fields["figures"]["paired_ssim"]["value"] == 1
    assert fields["figures"]["paired_mse"]["value"] == 0
