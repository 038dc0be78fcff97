"""CPU use of a program that draws one digit fifteen times per second."""

import json
import time
from typing import Any

from scorp_runtime import Generator

RATE, SECONDS = 15, 20


def measure() -> dict[str, Any]:
    generator = Generator()
    generator.generate("7")
    begin, cpu = time.perf_counter(), time.process_time()
    for call in range(RATE * SECONDS):
        generator.generate("7")
        time.sleep(max(0.0, begin + (call + 1) / RATE - time.perf_counter()))
    return {"share_of_a_core": (time.process_time() - cpu) / (time.perf_counter() - begin)}


if __name__ == "__main__":
    print(json.dumps(measure()))
