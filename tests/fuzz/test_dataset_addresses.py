"""Slices, concatenations, ranks and resumed runs of a dataset add up to the dataset."""

from typing import Any

import numpy as np
import numpy.typing as npt
from hypothesis import given, settings
from hypothesis import strategies as st

from scorp_runtime import Counts, Dataset, Effects, Generator, Weights

ADDRESSES = st.integers(0, 2**64 - 1)
FREE: st.SearchStrategy[Any] = st.sampled_from(["0-9", "7", "1,3,5-7", None, Weights({"3": 1, 8: 0.5})])
"""Labels that depend only on the index, so that a later start continues an earlier dataset."""
STYLES: st.SearchStrategy[dict[str, Any]] = st.sampled_from(
    [{}, {"slant": "-10..10"}, {"thickness": 3.0, "writer": 5}]
)
LENGTH = 40
Items = tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64]]


@st.composite
def datasets(draw: st.DrawFn, generator: Generator, labels: Any) -> Dataset:
    presentation = draw(st.none() | st.just(Effects(breaks=1, size=20, shift=1, noise=1)))
    seed, start = draw(ADDRESSES), draw(st.integers(0, 2**64 - LENGTH))
    length = LENGTH if not isinstance(labels, Counts | list) else None
    styles, invert = draw(STYLES), draw(st.booleans())
    return generator.dataset(
        labels, length, seed=seed, start=start, effects=presentation, invert=invert, **styles
    )


@settings(deadline=None)
@given(
    data=st.data(),
    labels=FREE | st.sampled_from([Counts({"1": 30, "2": 7, "9": 3}), [3, "4"] * 20]),
    cut=st.slices(LENGTH),
)
def test_a_slice_selects_what_numpy_selects(
    generator: Generator, data: st.DataObject, labels: Any, cut: slice
) -> None:
    dataset = data.draw(datasets(generator, labels))
    for part, whole in zip(dataset[cut], dataset[:], strict=True):
        assert np.array_equal(part, whole[cut])


@settings(deadline=None)
@given(
    seed=ADDRESSES,
    start=st.integers(0, 2**64 - LENGTH),
    cut=st.integers(0, LENGTH),
    labels=FREE,
    styles=STYLES,
)
def test_a_dataset_continues_where_another_ends(
    generator: Generator, seed: int, start: int, cut: int, labels: Any, styles: dict[str, Any]
) -> None:
    whole = generator.dataset(labels, LENGTH, seed=seed, start=start, **styles)
    front = generator.dataset(labels, cut, seed=seed, start=start, **styles)
    back = generator.dataset(labels, LENGTH - cut, seed=seed, start=min(start + cut, 2**64 - 1), **styles)
    for first, second, both in zip(front[:], back[:], whole[:], strict=True):
        assert np.array_equal(np.concatenate([first, second]), both)


@settings(deadline=None)
@given(
    data=st.data(),
    labels=FREE,
    size=st.integers(1, 9),
    steps=st.integers(0, 4),
    worlds=st.tuples(*[st.integers(1, 4)] * 2),
)
def test_another_number_of_ranks_can_resume(
    generator: Generator, data: st.DataObject, labels: Any, size: int, steps: int, worlds: tuple[int, int]
) -> None:
    dataset = data.draw(datasets(generator, labels))
    before, after = worlds
    seen: list[Items] = []
    for rank in range(before):
        batches = dataset.batches(size, shard=(rank, before))
        seen += [batch for _, batch in zip(range(steps), batches, strict=False)]
    stopped = min(steps * before * size, LENGTH)
    for rank in range(after):
        seen += dataset.batches(size, shard=(rank, after), start=stopped)
    found = [(bytes(image), label) for batch in seen for image, label in zip(*batch, strict=True)]
    assert sorted(found) == sorted((bytes(image), label) for image, label in dataset)
