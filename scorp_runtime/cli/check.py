"""Test a model: checksum, contract, ink and golden pixels. Nothing is downloaded."""

import argparse
import json

from scorp_runtime.errors import ModelError
from scorp_runtime.generator import Generator
from scorp_runtime.imaging.ink import blank_class
from scorp_runtime.inference.golden import check_golden

from .options import add_backend, add_flag, add_model_operand

USAGE = "scorp-gen check [MODEL] [options]"
EXAMPLES = """\
examples:
  scorp-gen check
  scorp-gen check text --backend numpy"""

_PER_CLASS = 8  # images in which blank ones are searched


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of `scorp-gen check`."""
    add_model_operand(parser)
    add_backend(parser)
    add_flag(parser, "--json", "print the result as one line of JSON")


def run(options: argparse.Namespace) -> None:
    """Print the result, or raise `ModelError` for the first failure; with `--json`, print that, too."""
    try:
        result = _check(options)
    except ModelError as error:
        if options.json:
            print(json.dumps({"error": str(error)}))
        raise
    cases = result["golden_cases"]
    pixels = f"pixels OK ({cases} golden cases)" if cases else "no golden file to compare pixels with"
    line = f"{result['model']} {result['version']}: contract OK, checksum OK, {pixels}, {result['backend']}"
    print(json.dumps(result) if options.json else line)


def _check(options: argparse.Namespace) -> dict[str, str | int]:
    generator = Generator(options.model, backend=options.backend)
    info, golden = generator.info, generator.model_file.read_golden()
    if golden is None and generator.model_file.bundled:
        raise ModelError(f"the golden file of the bundled model {info.name!r} is missing")
    batch = generator.generate("all", _PER_CLASS * len(info.classes), seed=0)
    if (blank := blank_class(batch.images, batch.labels)) is not None:
        raise ModelError(f"{info.name} draws blank images of class {info.classes[blank]!r}")
    return {
        "model": info.name,
        "version": info.version,
        "file_sha256": generator.model_sha256,
        "golden_cases": 0 if golden is None else check_golden(generator, golden),
        "backend": generator.backend,
    }
