"""A virtual dataset for Hugging Face datasets. The only module of this package that imports datasets."""

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import pairwise
from typing import Any

import datasets
from PIL import Image

from ..dataset import Dataset

_BATCH = 256  # pictures drawn at a time


def huggingface_dataset(dataset: Dataset, shards: int) -> Any:
    """Return a `datasets.IterableDataset` that can be split among `shards` workers."""
    count = len(dataset)
    bounds = [count * shard // shards for shard in range(shards + 1)]
    parts = [part for part in pairwise(bounds) if part[0] < part[1]]
    features = datasets.Features(
        {
            "image": datasets.Image(),
            "label": datasets.ClassLabel(names=list(dataset.generator.classes)),
            "seed": datasets.Value("uint64"),
            "index": datasets.Value("uint64"),
            **{knob.name: datasets.Value("float32") for knob in dataset.generator.knobs},
        }
    )
    return datasets.IterableDataset.from_generator(
        partial(_rows, dataset), features=features, gen_kwargs={"parts": parts}
    )


def _rows(dataset: Dataset, parts: Sequence[tuple[int, int]]) -> Iterator[dict[str, Any]]:
    knobs = [knob.name for knob in dataset.generator.knobs]
    for first, end in parts:
        for offset in range(first, end, _BATCH):
            batch = dataset.generator.draw(dataset.request, offset, min(_BATCH, end - offset))
            rows = zip(batch.images, batch.labels.tolist(), batch.styles.tolist(), strict=True)
            for index, (image, label, styles) in enumerate(rows, batch.start):
                row = {"image": Image.fromarray(image), "label": label, "seed": batch.seed, "index": index}
                yield row | dict(zip(knobs, styles, strict=True))
