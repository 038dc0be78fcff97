"""How near does writing a dataset come to drawing alone?

    python benchmarks/datasets.py [--workers K] [--formats idx npz ...]

Prints for each format the rate at which K processes draw and keep nothing, that of the whole command
`scorp-gen 0-9 DIR --count N --workers K`, from its start to the last byte, its share of the former, bytes per picture,
and what a billion pictures would take at that rate.
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

PICTURES = {"idx": 1_000_000, "npz": 200_000, "parquet": 200_000, "tar": 200_000, "folder": 200_000}


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
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--formats", nargs="+", choices=PICTURES, default=list(PICTURES))
    options = parser.parse_args()
    print("| format | pictures | a second | drawn alone | share | bytes each | a billion: vCPU-hours | GB |")
    print("| --- " * 8 + "|")
    for form in options.formats:
        count = PICTURES[form]
        bare = bare_rate(min(count, 200_000), options.workers)
        rate, size = written(form, count, options.workers)
        hours, share = math.ceil(1e10 / rate * options.workers / 3600) / 10, math.floor(100 * rate / bare)
        told = (f"{count:,}", f"{int(rate):,}", f"{math.ceil(bare):,}", f"{share} %", f"{math.ceil(size):,}")
        cells = (*told, f"{hours:.1f}", f"{math.ceil(size):,}")
        print(f"| `{form}` |", *(f"{cell} |" for cell in cells), flush=True)


if __name__ == "__main__":
    main()
