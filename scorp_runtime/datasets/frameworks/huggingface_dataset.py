"""A virtual dataset for Hugging Face datasets. The only module of this package that imports datasets."""

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import pairwise
from typing import Any

import datasets
from datasets.iterable_dataset import ExamplesIterable
from PIL import Image

from scorp_runtime.formats.schema import image_features
from scorp_runtime.inference.batch import images_at_once


def huggingface_dataset(dataset: Any, shards: int) -> Any:
    """Return a `datasets.IterableDataset` that up to `shards` workers can share."""
    count = len(dataset)
    bounds = [count * shard // shards for shard in range(shards + 1)]
    parts = [part for part in pairwise(bounds) if part[0] < part[1]]
    has_writer = dataset.request.writer is not None
    features = datasets.Features.from_dict(image_features(dataset.generator.info, has_writer=has_writer))
    # `from_generator` would leave a lock file in the home directory.
    return datasets.IterableDataset(
        ExamplesIterable(partial(_rows, dataset), {"parts": parts}),
        info=datasets.DatasetInfo(features=features),
        split=datasets.Split.TRAIN,
    )


def _rows(dataset: Any, parts: Sequence[tuple[int, int]]) -> Iterator[tuple[int, dict[str, Any]]]:
    knobs = [knob.name for knob in dataset.generator.knobs]
    fixed = {} if dataset.request.writer is None else {"writer": dataset.request.writer}
    size = images_at_once(dataset.image_shape)
    for first, end in parts:
        for offset in range(first, end, size):
            batch = dataset.draw(offset, min(size, end - offset))
            rows = zip(batch.images, batch.labels.tolist(), batch.styles.tolist(), strict=True)
            for index, (image, label, styles) in enumerate(rows, batch.start):
                row = {"image": Image.fromarray(image), "label": label, "seed": batch.seed, "index": index}
                yield index, row | fixed | dict(zip(knobs, styles, strict=True))
