"""A long run shows its progress on a terminal, and nothing in a pipe."""

import os
import sys
from typing import Any

import pytest

from scorp_runtime.cli.progress import progress_line


@pytest.mark.parametrize(
    ("done", "total", "seconds", "line"),
    [
        (340_000, 1_000_000, 20.0, " 34% of 1,000,000, 17,000 per second, 0:00:39 left"),
        (5, 5, 2.0, "100% of 5, 2 per second, 0:00:00 left"),
    ],
)
def test_the_line_shows_share_rate_and_time_left(done: int, total: int, seconds: float, line: str) -> None:
    assert progress_line(done, total, seconds) == line


@pytest.mark.skipif(sys.platform == "win32", reason="no pseudo-terminals")
def test_the_line_is_shown_on_a_terminal_only_and_removed(scorp_gen: Any) -> None:
    import pty

    # The first update comes after a fifth of a second, so the run must be long: one with a file per image is.
    words = ["0-9", "-n", 2000, "--seed", 1, "--shards", 40, "--force", "out/"]
    leader, follower = pty.openpty()
    result = scorp_gen(*words, capture_output=False, stdout=-1, stderr=follower)
    os.close(follower)
    shown = os.read(leader, 1 << 16).decode()
    os.close(leader)
    assert result.returncode == 0
    *lines, last = shown.split("\r\x1b[K")
    assert len(lines) > 1
    assert all("of 2,000, " in line for line in lines[1:])
    assert last.strip() == scorp_gen(*words).stderr.decode().strip()
