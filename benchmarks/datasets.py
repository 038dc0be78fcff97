"""How near does writing a dataset come to drawing alone?

    python benchmarks/datasets.py [--count N] [--workers K] [--formats idx,npz,...]

Prints the rate at which K processes draw and keep nothing, then for each format the rate of the whole command
`scorp-gen 0-9 DIR --count N --workers K`, from its start to the last byte, its share of the former, bytes per picture,
and what a billion pictures would take at that rate.
"""

import argparse
import multiprocessing
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from scorp_runtime import Generator


def draw(count: int) -> float:
    """Seconds that drawing takes in one process, once its network is ready."""
    generator = Generator()
    generator.generate("0-9", 256, seed=0)
    began = time.perf_counter()
    for _ in generator.iter_batches("0-9", count, seed=1):
        pass
    return time.perf_counter() - began


def bare_rate(count: int, workers: int) -> float:
    """Pictures per second that processes side by side draw."""
    share = count // workers
    with multiprocessing.get_context("spawn").Pool(workers) as pool:
        return sum(share / seconds for seconds in pool.map(draw, [share] * workers, chunksize=1))


def written(form: str, count: int, workers: int) -> tuple[float, float]:
    """Pictures per second, and bytes per picture, of a dataset on disk."""
    with tempfile.TemporaryDirectory() as root:
        folder = Path(root) / "digits"
        words = ["0-9", f"{folder}/", "--count", count, "--seed", 1, "--format", form, "--workers", workers]
        began = time.perf_counter()
        subprocess.run([sys.executable, "-m", "scorp_runtime", *map(str, words)], check=True)
        rate = count / (time.perf_counter() - began)
        return rate, sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / count


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--count", type=int, default=1_000_000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--formats", default="idx")
    options = parser.parse_args()
    bare = bare_rate(min(options.count, 200_000), options.workers)
    print(f"drawn only     {bare:9,.0f} pictures per second, {options.workers} processes", flush=True)
    for form in options.formats.split(","):
        rate, size = written(form, options.count, options.workers)
        hours = 1e9 / rate * options.workers / 3600
        print(
            f"{form:14} {rate:9,.0f} pictures per second, {rate / bare:4.0%}, {size:,.0f} bytes each: "
            f"a billion take {hours:.1f} vCPU-hours and {size:,.0f} GB",
            flush=True,
        )


if __name__ == "__main__":
    main()
