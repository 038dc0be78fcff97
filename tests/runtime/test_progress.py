"""A long run shows its progress on a terminal, and nothing in a pipe."""

import sys
from argparse import Namespace
from io import StringIO

import pytest

from scorp_runtime.cli import progress


@pytest.mark.parametrize(
    ("done", "total", "seconds", "line"),
    [
        (340_000, 1_000_000, 20.0, " 34% of 1,000,000, 17,000 per second, 0:00:39 left"),
        (5, 5, 2.0, "100% of 5, 2 per second, 0:00:00 left"),
    ],
)
def test_the_line_shows_share_rate_and_time_left(done: int, total: int, seconds: float, line: str) -> None:
    assert progress.progress_line(done, total, seconds) == line


class Terminal(StringIO):
    """A stream that is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("stream", "quiet", "shown"),
    [
        (
            Terminal,
            False,
            "\r\x1b[K 30% of 10, 3 per second, 0:00:02 left\r\x1b[K 40% of 10, 3 per second, 0:00:02 left\r\x1b[K",
        ),
        (Terminal, True, ""),
        (StringIO, False, ""),
    ],
)
def test_the_line_is_shown_on_a_terminal_only_and_removed(
    monkeypatch: pytest.MonkeyPatch, stream: type[StringIO], quiet: bool, shown: str
) -> None:
    """Updates come at most five times in a second."""
    clock = iter([0.0, 1.0, 1.1, 1.3])
    monkeypatch.setattr(progress.time, "monotonic", lambda: next(clock))
    monkeypatch.setattr(sys, "stderr", stream())
    with progress.Progress(Namespace(received=[], quiet=quiet), total=10) as line:
        for count in (3, 0, 1):
            line.advance(count)
    assert sys.stderr.getvalue() == shown  # type: ignore[attr-defined]
