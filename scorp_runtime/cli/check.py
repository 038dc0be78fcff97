"""Test a model: checksum, contract, ink and golden pixels. Nothing is downloaded."""

import argparse
import json

from scorp_runtime.inference.backends import BACKENDS

from .drawing_options import add_model_operand, model_operand

USAGE = "scorp-gen check [MODEL] [options]"
EXAMPLES = """\
examples:
  scorp-gen check
  scorp-gen check letters --backend numpy"""

_PER_CLASS = 8  # images to look for blank ones


def add_options(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `scorp-gen check`."""
    add_model_operand(parser)
    parser.add_argument("--backend", choices=BACKENDS, help="what runs the network (default: onnxruntime)")
    parser.add_argument("--json", action="store_true", help="result as one line of JSON")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> None:
    """Print what was found in order; raise `ModelError` for the first thing that is not, with --json also printed."""
    from scorp_runtime.errors import ModelError

    try:
        result = _check(options)
    except ModelError as error:
        if options.json:
            print(json.dumps({"error": str(error)}))
        raise
    if options.json:
        print(json.dumps(result))
        return
    cases = result["golden_cases"]
    pixels = f"pixels as they should be in {cases} cases" if cases else "no golden file to compare with"
    print(
        f"{result['model']} {result['version']}: contract kept, weights' checksum right, {pixels}, "
        f"by {result['backend']}"
    )


def _check(options: argparse.Namespace) -> dict[str, str | int]:
    from scorp_runtime.errors import ModelError
    from scorp_runtime.generator import Generator
    from scorp_runtime.imaging.ink import blank_class
    from scorp_runtime.inference.golden import check_golden

    generator = Generator(model_operand(options), backend=options.backend)
    golden = generator.model_file.read_golden()
    if golden is None and generator.model_file.bundled:
        raise ModelError(f"the golden file of the bundled model {generator.info.name!r} is missing")
    batch = generator.generate("all", _PER_CLASS * len(generator.info.classes), seed=0)
    if (blank := blank_class(batch.images, batch.labels)) is not None:
        raise ModelError(
            f"{generator.info.name} draws blank images of class {generator.info.classes[blank]!r}"
        )
    return {
        "model": generator.info.name,
        "version": generator.info.version,
        "file_sha256": generator.model_sha256,
        "golden_cases": 0 if golden is None else check_golden(generator, golden),
        "backend": generator.backend,
    }
