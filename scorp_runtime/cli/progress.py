"""How far a long run is, on a terminal; silence in a pipe."""

import sys
import time
from typing import TextIO

_EVERY = 0.2  # seconds between two looks of the line


class Progress:
    """One line on a terminal: share, rate and time left.

    Args:
        total: pictures to come.
        stream: where the line is shown if it is a terminal; by default stderr.
        quiet: whether to show nothing.
    """

    def __init__(self, total: int, stream: TextIO | None = None, *, quiet: bool = False) -> None:
        self._stream = sys.stderr if stream is None else stream
        self._shown = not quiet and self._stream is not None and self._stream.isatty()
        self._total = total
        self._done = 0
        self._began = self._looked = time.monotonic()

    def advance(self, count: int) -> None:
        """Count pictures that are done."""
        self._done += count
        now = time.monotonic()
        if self._shown and now - self._looked >= _EVERY:
            self._looked = now
            self._stream.write("\r\x1b[K" + progress_line(self._done, self._total, now - self._began))
            self._stream.flush()

    def close(self) -> None:
        """Remove the line."""
        if self._shown:
            self._stream.write("\r\x1b[K")
            self._stream.flush()


def progress_line(done: int, total: int, seconds: float) -> str:
    """Return the line for `done` of `total` pictures after so many seconds."""
    rate = done / seconds
    return (
        f"{done / total:4.0%} of {total:,}, {rate:,.0f} per second, {_duration((total - done) / rate)} left"
    )


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
