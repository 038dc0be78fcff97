"""Training time of the other networks, extrapolated from short trainings on one core.

    python benchmarks/family.py

Prints the steps of each preset, ms per step without scoring, and the minutes of the preset at that rate. `scorp` grows,
so its steps become slower; it may converge before its last epoch.
"""

import json
import math
import os
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path
from statistics import median
from typing import Any

SHORT = {
    "digit-generator": ["--epochs", "1"],
    "scorp": ["--epochs", "3", "--fade-steps", "300"],
    "dense": ["--epochs", "1"],
    "mlp": ["--epochs", "1"],
    "single-class": ["--only", "7", "--epochs", "5"],
    "vae": ["--epochs", "1"],
}
"""Options for trainings just long enough to measure; `scorp` must reach its last resolution."""


def main() -> None:
    print("| command | steps | ms per step | minutes on one core |\n| --- | --- | --- | --- |", flush=True)
    for model, short in SHORT.items():
        command = ["--network", model, *short[: 2 * (short[0] == "--only")]]
        plan = json.loads(_scorp_train([*command, "--dry-run"]))["training"]
        steps, times = _train([*command, *short])
        ends = sorted({math.ceil(min(times)), math.ceil(max(times))})
        most = "at most " if len(times) > 1 else ""
        minutes = plan["epochs"] * steps * max(times) / 60_000
        cells = (
            f"{most}{plan['epochs']} epochs of {steps}",
            " to ".join(map(str, ends)),
            f"{most}{math.ceil(minutes)}",
        )
        print(f"| `scorp-train {' '.join(command)}` |", *(f"{cell} |" for cell in cells), flush=True)


def _train(words: list[str]) -> tuple[int, list[float]]:
    """Train; return steps per epoch, and ms per step at each resolution in the log."""
    with tempfile.TemporaryDirectory() as runs:
        _scorp_train([*words, "--threads", "1", "--runs", runs])
        (log,) = Path(runs).glob("*/statistics.jsonl")
        lines: list[dict[str, Any]] = [json.loads(line) for line in log.read_text("utf-8").splitlines()]
        batch = json.loads(log.with_name("options.json").read_text("utf-8"))["training"]["batch"]
    rates = defaultdict(list)
    for line in lines:
        if line["kind"] == "group":
            rates[line["statistics"].get("resolution")].append(line["images_per_second"])
    steps = next(line["step"] for line in lines if line["kind"] == "epoch")
    return steps, [1000 * batch / median(found) for found in rates.values()]


def _scorp_train(words: list[str]) -> str:
    command = [sys.executable, "-m", "scorp_train", *words]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, env=environment, text=True)
    return done.stdout


if __name__ == "__main__":
    main()
