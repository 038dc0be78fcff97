"""Following a long run: a progress line on a terminal, interrupts, and the checksum of the pixels."""

import argparse
import hashlib
import sys
import time
from datetime import timedelta
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

_INTERVAL = 0.2  # seconds between two updates


class Progress:
    """One line on stderr, if that is a terminal: share, rate and time left.

    Args:
        options: of the command.
        total: number of images or pages.
    """

    def __init__(self, options: argparse.Namespace, total: int) -> None:
        self._received: list[int] = options.received
        self._shown = not options.quiet and sys.stderr.isatty()
        self._total = total
        self._done = 0
        self._began = self._updated = time.monotonic()

    def advance(self, count: int) -> None:
        """Add a number of finished images or pages; raise `KeyboardInterrupt` if a signal came."""
        if self._received:  # some libraries swallow the exception of a signal while they are imported
            raise KeyboardInterrupt
        self._done += count
        now = time.monotonic()
        if self._shown and now - self._updated >= _INTERVAL:
            self._updated = now
            self._show(progress_line(self._done, self._total, now - self._began))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._shown:
            self._show("")

    def _show(self, line: str) -> None:
        print("\r\x1b[K", line, sep="", end="", file=sys.stderr, flush=True)


class ImageMonitor(Progress):
    """Progress of the images of one file, and their checksum."""

    def __init__(self, options: argparse.Namespace, total: int) -> None:
        super().__init__(options, total)
        self._pixels = hashlib.sha256()

    def __call__(self, images: "npt.NDArray[np.uint8]") -> None:
        """Add finished images, uint8 (N, H, W)."""
        self.advance(len(images))
        self._pixels.update(images.data)

    @property
    def pixels_sha256(self) -> str:
        """The checksum of all pixels so far."""
        return self._pixels.hexdigest()


def progress_line(done: int, total: int, seconds: float) -> str:
    """Return the line for `done` of `total` images after some seconds."""
    rate = done / seconds
    left = timedelta(seconds=round((total - done) / rate))
    return f"{done / total:4.0%} of {total:,}, {rate:,.0f} per second, {left} left"
