"""Where onnxruntime spends its time on the released model: microseconds per digit by operator, at a batch of 64."""

import json
import statistics
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import Any

import scorp_runtime  # noqa: F401 -- turns off the telemetry of onnxruntime

# isort: split
import onnxruntime
from drawing import feed

from scorp_runtime import Generator

BATCH, RUNS = 64, 200


def measure() -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        events = json.loads(profile(Path(folder)).read_text())
    durations: dict[tuple[str, str], list[int]] = defaultdict(list)
    for event in events:
        if event.get("cat") == "Node" and event["name"].endswith("_kernel_time"):
            durations[event["args"]["op_name"], event["name"]].append(event["dur"])
    by_operator: dict[str, float] = defaultdict(float)
    for (operator, _), times in durations.items():
        by_operator[operator] += statistics.median(times) / BATCH
    largest = sorted(by_operator.items(), key=lambda item: -item[1])
    return {"us_per_digit": dict(largest), "us_of_all": sum(by_operator.values())}


def profile(folder: Path) -> Path:
    """Run the network often; return the file of what the profiler saw."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False
    options.enable_profiling = True
    options.profile_file_prefix = str(folder / "profile")
    model = Generator().model_file.read()
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    asked = feed(session, BATCH)
    for _ in range(RUNS):
        session.run(["image"], asked)
    return Path(session.end_profiling())


if __name__ == "__main__":
    print(json.dumps(measure()))
