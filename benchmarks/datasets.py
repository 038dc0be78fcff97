"""Speed of writing datasets, compared with drawing without writing.

    python benchmarks/datasets.py [--workers K] [--formats idx npz ...]

The table has images per second of the whole command `scorp-gen 0-9 DIR --count N --workers K`, images per second of K
processes that only draw, the ratio, bytes per image, and the cost of a billion images.
"""

import argparse
import math
import multiprocessing
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from scorp_runtime import Generator

COUNTS = {"idx": 1_000_000, "npz": 200_000, "parquet": 200_000, "tar": 200_000, "folder": 200_000}


def draw(count: int) -> float:
    """Return the seconds to draw in this process, without loading the network."""
    generator = Generator()
    generator.generate("0-9", 256, seed=0)
    start = time.perf_counter()
    for _ in generator.iter_batches("0-9", count, seed=1):
        pass
    return time.perf_counter() - start


def drawing_rate(count: int, workers: int) -> float:
    """Return the images per second that parallel processes draw."""
    share = count // workers
    with multiprocessing.get_context("spawn").Pool(workers) as pool:
        return sum(share / seconds for seconds in pool.map(draw, [share] * workers, chunksize=1))


def writing_rate(form: str, count: int, workers: int) -> tuple[float, float]:
    """Write a dataset; return images per second and bytes per image."""
    with tempfile.TemporaryDirectory() as root:
        folder = Path(root) / "digits"
        words = ["0-9", f"{folder}/", "--count", count, "--seed", 1, "--format", form, "--workers", workers]
        start = time.perf_counter()
        subprocess.run([sys.executable, "-m", "scorp_runtime", *map(str, words)], check=True)
        rate = count / (time.perf_counter() - start)
        return rate, sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / count


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--formats", nargs="+", choices=COUNTS, default=list(COUNTS))
    options = parser.parse_args()
    head = "format | images | images/s | images/s drawn only | ratio | bytes per image | vCPU-hours per billion | GB"
    print(f"| {head} |\n{'| --- ' * 8}|")
    for form in options.formats:
        count = COUNTS[form]
        drawn = drawing_rate(min(count, 200_000), options.workers)
        rate, size = writing_rate(form, count, options.workers)
        hours, bytes_each = math.ceil(1e10 / rate * options.workers / 3600) / 10, math.ceil(size)
        cells = (
            f"{count:,}",
            f"{int(rate):,}",
            f"{math.ceil(drawn):,}",
            f"{math.floor(100 * rate / drawn)} %",
        )
        print(
            f"| `{form}` | {' | '.join(cells)} | {bytes_each:,} | {hours:.1f} | {bytes_each:,} |", flush=True
        )


if __name__ == "__main__":
    main()
