"""Draw a dataset again and compare every image, or page, and its table and card with the files."""

import argparse
import json
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from .argument_types import count

if TYPE_CHECKING:
    from scorp_runtime.datasets.manifest import Manifest
    from scorp_runtime.generator import Generator


USAGE = "scorp-gen verify DIR [options]"
EXAMPLES = """\
examples:
  scorp-gen verify digits/
  scorp-gen verify digits/ --workers 2 --json"""


def add_options(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `scorp-gen verify`."""
    parser.add_argument("folder", metavar="DIR", type=Path, help="folder of a dataset that scorp-gen made")
    parser.add_argument(
        "--model", metavar="MODEL", help="path to the model that made it, if it is not bundled"
    )
    parser.add_argument(
        "--workers", type=count, default=1, metavar="N", help="number of processes (default: 1)"
    )
    parser.add_argument("--json", action="store_true", help="result as one line of JSON")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> None:
    """Print that all is as it was made, or raise `DatasetError` for the first thing that is not."""
    from scorp_runtime.datasets import manifest
    from scorp_runtime.datasets.shards import UNFINISHED
    from scorp_runtime.datasets.verify import verify_nothing_added, verify_shard
    from scorp_runtime.datasets.workers import open_map
    from scorp_runtime.errors import DatasetError

    from .progress import Progress

    folder: Path = options.folder
    if (folder / UNFINISHED).is_dir():
        raise DatasetError(f"{folder} is unfinished: scorp-gen with --resume finishes it")
    found = manifest.read(folder)
    generator = _generator(options.model, found)
    progress = Progress(found.spec.count, quiet=options.quiet)
    try:
        with open_map(None, options.workers, None) as spread:
            verify = partial(verify_shard, generator, found, folder)
            for pictures in spread(verify, range(found.spec.shards)):
                progress.advance(pictures)
    finally:
        progress.close()
    verify_nothing_added(found, folder, generator.classes)
    _tell(options, generator, found)


def _generator(model: str | None, found: "Manifest") -> "Generator":
    """Return the generator of the model that made the dataset."""
    from scorp_runtime.errors import ModelError
    from scorp_runtime.generator import Generator
    from scorp_runtime.inference.backends import choose_backend
    from scorp_runtime.model.bundled import bundled_names

    spec = found.spec
    if model is None and spec.model not in bundled_names():
        raise ModelError(f"the dataset was made by {spec.model}, which is not bundled: give --model")
    generator = Generator(model or spec.model, backend=choose_backend(None))  # told once, not by each worker
    if generator.model_sha256 != spec.model_sha256:
        raise ModelError(
            f"the dataset was made by another model than {generator.model_file.place}: {spec.model} of "
            f"SHA-256 {spec.model_sha256}"
        )
    return generator


def _tell(options: argparse.Namespace, generator: "Generator", found: "Manifest") -> None:
    if options.json:
        result = {
            "folder": str(options.folder),
            "format": found.spec.format,
            "count": found.spec.count,
            "shards": found.spec.shards,
            "model": generator.info.name,
            "model_sha256": generator.model_sha256,
        }
        print(json.dumps(result))
    else:
        print(f"{options.folder}: all {found.spec.count} {found.spec.sample}s as they were made")
