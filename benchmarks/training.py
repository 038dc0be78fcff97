"""Training pictures per second: one epoch of `scorp-train` on one core, on digits that the released model draws."""

import json
import statistics
import struct
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from scorp_runtime import Generator

TRAINING, TEST = 6_000, 1_000


def measure() -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        data, runs = Path(folder, "data"), Path(folder, "runs")
        write_digits(data)
        command = [sys.executable, "-m", "scorp_train", "--data", str(data), "--runs", str(runs)]
        subprocess.run([*command, "--epochs", "1", "--threads", "1"], check=True, capture_output=True)
        (log,) = runs.glob("*/statistics.jsonl")
        lines = [json.loads(line) for line in log.read_text().splitlines()]
    return {
        "images_per_second": statistics.median(
            line["images_per_second"] for line in lines if line["kind"] == "group"
        )
    }


def write_digits(folder: Path) -> None:
    """Four IDX files, as MNIST has them."""
    folder.mkdir()
    generator = Generator()
    for name, count, start in (("train", TRAINING, 0), ("t10k", TEST, TRAINING)):
        batch = generator.generate("0-9", count, seed=1, start=start)
        head = struct.pack(">4i", 2051, count, *batch.images.shape[1:])
        (folder / f"{name}-images-idx3-ubyte").write_bytes(head + batch.images.tobytes())
        labels = batch.labels.astype(np.uint8).tobytes()
        (folder / f"{name}-labels-idx1-ubyte").write_bytes(struct.pack(">2i", 2049, count) + labels)


if __name__ == "__main__":
    print(json.dumps(measure()))
