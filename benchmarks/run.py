"""Run all benchmarks of the runtime and write tables of the results.

    python benchmarks/run.py [--only NAME ...] [--output FOLDER]

It needs the packages of CONTRIBUTING.md, an idle machine and about ten minutes; only `peers` needs the trainer.
Each measurement runs in its own process. The exit code is 1 if a promise of `promises.py` is missed.
"""

import argparse
import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from promises import PROMISES
from report import markdown

from scorp_runtime import Generator
from scorp_runtime.cli.bench import describe_machine

MEASUREMENTS = ("drawing", "starting", "idle", "memory", "sizes", "peers")
# NumPy's matrix products, the reference, also use one core.
ENVIRONMENT = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", nargs="+", choices=MEASUREMENTS, default=MEASUREMENTS, metavar="NAME")
    parser.add_argument("--output", type=Path, default=Path("benchmark-results"), metavar="FOLDER")
    options = parser.parse_args()
    figures = {}
    for name in options.only:
        print(f"{name} ...", file=sys.stderr, flush=True)
        figures[name] = measure(name)
    document = {"machine": machine(), "figures": figures}
    options.output.mkdir(parents=True, exist_ok=True)
    (options.output / "benchmarks.json").write_text(json.dumps(document, indent=2) + "\n")
    text = markdown(document)
    (options.output / "benchmarks.md").write_text(text)
    print(text, end="")
    values = [(promise, promise.value(figures)) for promise in PROMISES]
    return int(not all(promise.kept(value) for promise, value in values if value is not None))


def measure(name: str) -> Any:
    script = Path(__file__).with_name(f"{name}.py")
    result = subprocess.run(
        [sys.executable, str(script)], check=True, stdout=subprocess.PIPE, env=ENVIRONMENT
    )
    return json.loads(result.stdout)


def machine() -> dict[str, Any]:
    generator = Generator()
    return {
        "date": datetime.now(UTC).strftime("%Y-%m-%d"),
        **describe_machine(),
        "torch": torch_version(),
        "model": f"{generator.info.name} {generator.info.version}",
        "model_sha256": generator.model_sha256,
    }


def torch_version() -> str | None:
    try:
        return version("torch")
    except PackageNotFoundError:
        return None


if __name__ == "__main__":
    sys.exit(main())
