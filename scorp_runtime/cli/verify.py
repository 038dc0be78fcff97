"""Draw a dataset again and compare every image or page, its table and its card with the files."""

import argparse
import json
from dataclasses import replace
from functools import partial
from pathlib import Path

from scorp_runtime.datasets import manifest
from scorp_runtime.datasets.manifest import Manifest
from scorp_runtime.datasets.page_spec import LinesSpec
from scorp_runtime.datasets.shards import UNFINISHED
from scorp_runtime.datasets.spec import DatasetSpec
from scorp_runtime.datasets.verify import verify_nothing_added, verify_shard
from scorp_runtime.datasets.workers import open_map
from scorp_runtime.errors import DatasetError, ModelError, RequestError
from scorp_runtime.generator import Generator
from scorp_runtime.inference.backends import default_backend
from scorp_runtime.model.bundled import bundled_names

from .options import COUNT, add_flag, add_value
from .progress import Progress

USAGE = "scorp-gen verify DIR [options]"
EXAMPLES = """\
examples:
  scorp-gen verify digits/
  scorp-gen verify digits/ --workers 2 --json"""


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of `scorp-gen verify`."""
    parser.add_argument("folder", metavar="DIR", type=Path, help="folder of a dataset made by scorp-gen")
    add_value(parser, "--model", "MODEL", "path of the model that made it (default: the bundled one)")
    meaning = "path of the file of texts (default: the file of its name in the current folder)"
    add_value(parser, "--lines", "FILE", meaning, Path)
    meaning = "path of the paper file (default: the file of its name in the current folder)"
    add_value(parser, "--paper", "FILE", meaning, Path)
    add_value(parser, "--workers", "N", "number of processes (default: 1)", COUNT, default=1)
    add_flag(parser, "--json", "print the result as one line of JSON")


def run(options: argparse.Namespace) -> None:
    """Print that the dataset is OK, or raise `DatasetError` for the first difference."""
    folder: Path = options.folder
    if not folder.is_dir():
        raise DatasetError(f"the folder {folder} does not exist")
    if (folder / UNFINISHED).is_dir() and not (folder / manifest.FILE).exists():
        raise DatasetError(
            f"the dataset in {folder} is unfinished; run its scorp-gen command again with --resume"
        )
    found = manifest.read(folder)
    if options.lines and not isinstance(found.spec, LinesSpec):
        raise RequestError("--lines is only for a dataset whose texts are from a file")
    if isinstance(found.spec, LinesSpec):
        found = found._replace(spec=_with_lines(found.spec, options.lines))
    if options.paper and not found.spec.paper_file:
        raise RequestError("--paper is only for a dataset on paper from a file")
    if found.spec.paper_file:
        found = found._replace(spec=_with_paper(found.spec, options.paper))
    generator = _generator(options.model, found)
    verify = partial(verify_shard, generator, found, folder)
    with Progress(options, found.spec.count) as progress, open_map(None, options.workers, None) as spread:
        for count in spread(verify, range(found.spec.shards)):
            progress.advance(count)
    verify_nothing_added(found, folder, generator.classes)
    if not options.json:
        print(f"{folder}: all {found.spec.count} {found.spec.sample}s OK")
        return
    result = {name: getattr(found.spec, name) for name in ("format", "count", "shards", "model_sha256")}
    print(json.dumps({"folder": str(folder), "model": generator.info.name, **result}))


def _generator(model: str | None, found: Manifest) -> Generator:
    """Return the generator of the model that made the dataset."""
    spec = found.spec
    if model is None and spec.model not in bundled_names():
        raise ModelError(
            f"the dataset was made by {spec.model}, which is not bundled; pass its path as --model"
        )
    generator = Generator(model or spec.model, backend=default_backend())  # one warning, not one per worker
    if generator.model_sha256 != spec.model_sha256:
        raise ModelError(
            f"the dataset was made by another model than {generator.model_file.place}; pass --model "
            f"with {spec.model} of SHA-256 {spec.model_sha256}"
        )
    return generator


def _with_lines(spec: LinesSpec, path: Path | None) -> LinesSpec:
    """Return the spec with the path of its file of texts; raise `DatasetError` if that is not the file."""
    local = replace(spec, lines=str((path or Path(Path(spec.lines).name)).absolute()))
    if path is None and not Path(local.lines).exists():
        raise DatasetError(f"the dataset was made from {spec.lines}; pass its path as --lines")
    local.texts()
    return local


def _with_paper(spec: DatasetSpec, path: Path | None) -> DatasetSpec:
    """Return the spec with the path of its paper file; raise `DatasetError` if that is not the file."""
    local = (path or Path(str(spec.paper_file))).absolute()
    if path is None and not local.exists():
        raise DatasetError(f"the dataset was made on {local.name}; pass its path as --paper")
    local_spec = replace(spec, presentation={**spec.presentation, "paper": str(local)})
    local_spec.read_effects()
    return local_spec
