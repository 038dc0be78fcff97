"""The blind page: real and generated digits one at a time, for people to tell apart."""

import base64
import hashlib
from dataclasses import dataclass

import numpy as np

from .measured_images import Collection
from .templating import render

FORMAT = 1


@dataclass(frozen=True)
class Blind:
    """The page as HTML, and its key: for each trial whether the digit was generated (true) or real."""

    html: str
    page: str
    generated: tuple[bool, ...]

    def key_fields(self) -> dict[str, object]:
        """The key for JSON. Kept apart from the page, so that nobody finds the answers in it."""
        return {"format": FORMAT, "page": self.page, "generated": list(self.generated)}


def make_blind(sample: Collection, test: Collection, trials: int, seed: int) -> Blind:
    """A page of `trials` digits, half of them generated, the classes alike in both halves, in random order."""
    random = np.random.default_rng((seed, trials))
    fake = sample.some(trials // 2, seed)
    real_places = [_same_class(test, int(label), random) for label in fake.labels]
    images = np.concatenate([fake.images, test.images[real_places]])
    generated = np.repeat([True, False], len(fake))
    order = random.permutation(len(images))
    pixels = images[order].tobytes()
    page = hashlib.sha256(pixels).hexdigest()[:16]
    html = render(
        "blind.html.j2",
        page=page,
        format=FORMAT,
        trials=len(images),
        side=images.shape[1],
        pixels=base64.b64encode(pixels).decode("ascii"),
    )
    return Blind(html, page, tuple(bool(flag) for flag in generated[order]))


def _same_class(test: Collection, label: int, random: np.random.Generator) -> int:
    members = np.flatnonzero(test.labels == label)
    return int(random.choice(members if len(members) else np.arange(len(test))))
