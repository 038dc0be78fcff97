"""The blind test: a page that shows real and generated images one at a time, for people to tell apart."""

import base64
import hashlib
from dataclasses import dataclass

import numpy as np

from scorp_train.templating import render

from .measured_images import MeasuredImages

FORMAT = 1


@dataclass(frozen=True)
class HumanTest:
    """The page as HTML, its name, and its key: whether the image of each trial was generated."""

    html: str
    page: str
    generated: tuple[bool, ...]

    def key_fields(self) -> dict[str, object]:
        """Return the key for JSON. It is not in the page, where people could find the answers."""
        return {"format": FORMAT, "page": self.page, "generated": list(self.generated)}


def make_human_test(sample: MeasuredImages, test: MeasuredImages, trials: int, seed: int) -> HumanTest:
    """Return a page of `trials` images in random order: half generated, half real images of the same classes."""
    random = np.random.default_rng((seed, trials))
    fake = sample.sample(trials // 2, seed)
    real = [_index_of_class(test, int(label), random) for label in fake.labels]
    images = np.concatenate([fake.images, test.images[real]])
    generated = np.repeat([True, False], len(fake))
    order = random.permutation(len(images))
    pixels = images[order].tobytes()
    page = hashlib.sha256(pixels).hexdigest()[:16]
    html = render(
        "scorp_train.evaluation",
        "blind.html.j2",
        page=page,
        format=FORMAT,
        trials=len(images),
        side=images.shape[1],
        pixels=base64.b64encode(pixels).decode("ascii"),
    )
    return HumanTest(html, page, tuple(bool(flag) for flag in generated[order]))


def _index_of_class(test: MeasuredImages, label: int, random: np.random.Generator) -> int:
    members = np.flatnonzero(test.labels == label)
    return int(random.choice(members if len(members) else np.arange(len(test))))
