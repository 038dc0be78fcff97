"""Characters written with a pen on a tablet: strokes, labels and writers."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

UNIT = 1000  # the longer side of every character in the coordinates that are kept


@dataclass(frozen=True, eq=False)
class PenCharacters:
    """N isolated characters, in the order in which each writer wrote them.

    Attributes:
        points: int16 (P, 2), x to the right and y down, from the upper left of the character; its longer side is 1000.
        stroke_starts: int (S + 1,), places in `points`.
        character_starts: int (N + 1,), places in `stroke_starts`.
        labels: str (N,), one character each.
        writers: str (N,).
        sizes: float32 (N, 2), width and height in steps of the tablet.
    """

    points: NDArray[np.int16]
    stroke_starts: NDArray[np.int32]
    character_starts: NDArray[np.int32]
    labels: NDArray[np.str_]
    writers: NDArray[np.str_]
    sizes: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.labels)

    def strokes(self, index: int) -> list[NDArray[np.int16]]:
        """Return the strokes of one character, (P, 2) each."""
        starts = self.stroke_starts[self.character_starts[index] : self.character_starts[index + 1] + 1]
        return [self.points[first:end] for first, end in pairwise(starts)]

    def take(self, chosen: NDArray[np.bool_]) -> "PenCharacters":
        """Return the characters where `chosen`, bool (N,), is true."""
        of_strokes = np.repeat(chosen, np.diff(self.character_starts))
        of_points = np.repeat(of_strokes, np.diff(self.stroke_starts))
        return PenCharacters(
            self.points[of_points],
            _starts(np.diff(self.stroke_starts)[of_strokes]),
            _starts(np.diff(self.character_starts)[chosen]),
            self.labels[chosen],
            self.writers[chosen],
            self.sizes[chosen],
        )

    def keys(self) -> NDArray[np.uint32]:
        """Return a checksum of the label and strokes of each character, uint32 (N,)."""
        sums = np.empty(len(self), np.uint32)
        for index, label in enumerate(self.labels.tolist()):
            strokes = self.strokes(index)
            lengths = np.array([len(stroke) for stroke in strokes], "<i4")
            content = [
                label.encode(),
                lengths.tobytes(),
                *(stroke.astype("<i2").tobytes() for stroke in strokes),
            ]
            sums[index] = zlib.crc32(b"".join(content))
        return sums


def pack_characters(
    strokes: Sequence[Sequence[NDArray[np.float64]]], labels: Sequence[str], writers: Sequence[str]
) -> PenCharacters:
    """Return characters from strokes of points (P, 2) in steps of the tablet, x to the right and y down."""
    points, stroke_lengths, sizes = [], [], []
    for character in strokes:
        every = np.concatenate(character)
        low, extent = every.min(0), np.ptp(every, axis=0)
        sizes.append(extent)
        scale = UNIT / max(extent.max(), 1e-9)
        for stroke in character:
            repeated = np.concatenate([[False], (np.diff(stroke, axis=0) == 0).all(1)])
            points.append(np.rint((stroke[~repeated] - low) * scale).astype(np.int16))
            stroke_lengths.append(len(points[-1]))
    counts = [len(character) for character in strokes]
    return PenCharacters(
        np.concatenate([np.empty((0, 2), np.int16), *points]),
        _starts(np.array(stroke_lengths)),
        _starts(np.array(counts)),
        np.array(labels, np.str_),
        np.array(writers, np.str_),
        np.array(sizes, np.float32).reshape(-1, 2),
    )


def _starts(lengths: NDArray[np.integer[Any]]) -> NDArray[np.int32]:
    """Return where parts of these lengths start in their concatenation, and its end."""
    return np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
