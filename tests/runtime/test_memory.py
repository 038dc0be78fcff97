"""Memory does not grow with what was drawn, and what cannot fit is refused in one line."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from scorp_runtime import CountError, Generator

# A first thousand sets everything up; then the peak may not move by more than a few batches' worth.
PROGRAM = """
import resource, sys
from scorp_runtime import Generator

generator = Generator(sys.argv[1], threads=int(sys.argv[2]), backend=sys.argv[3])
peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for count in (2_000, 100_000):
    for batch in generator.iter_batches("0-9", count, seed=1):
        pass
    print(peak())
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no resource module")
@pytest.mark.parametrize(("threads", "backend"), [(1, "onnxruntime"), (2, "onnxruntime"), (1, "numpy")])
def test_memory_is_flat(tiny_path: Path, environment: dict[str, str], threads: int, backend: str) -> None:
    command = [sys.executable, "-c", PROGRAM, str(tiny_path), str(threads), backend]
    result = subprocess.run(command, capture_output=True, check=True, env=environment)
    few, many = map(int, result.stdout.split())
    assert many <= 1.1 * few


@pytest.mark.parametrize("count", [10**12, 2**63, 2**64])
def test_more_pictures_than_memory_holds_are_refused(generator: Generator, count: int) -> None:
    with pytest.raises(CountError, match=f"{count} pictures at once do not fit into memory: iter_batches"):
        generator.generate(7, count)


def test_an_endless_request_costs_nothing_until_it_is_drawn(generator: Generator) -> None:
    batches: Any = generator.iter_batches(7, 2**64, batch_size=10)
    assert next(batches).images.shape == (10, 12, 10)
    assert np.array_equal(next(batches).labels, [7] * 10)
