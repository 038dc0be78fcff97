"""Test a model without a network connection: checksum, contract, and the pixels at its golden addresses."""

import argparse
import json

from ..backends import BACKENDS


def add_options(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `scorp-gen check`."""
    parser.add_argument("--model", metavar="M", help="name of a bundled model, or path (default: digits)")
    parser.add_argument("--backend", choices=BACKENDS, help="what runs the model (default: onnxruntime)")
    parser.add_argument("--json", action="store_true", help="print the result as one line of JSON")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> None:
    """Print what was found in order, or raise `ModelError` for the first thing that is not."""
    from ..errors import ModelError
    from ..generator import Generator
    from ..golden import check_golden

    generator = Generator(options.model, backend=options.backend)
    golden = generator.model_file.read_golden()
    if golden is None and generator.model_file.bundled:
        raise ModelError(f"the golden file of the bundled model {generator.info.name!r} is missing")
    if golden is None:
        generator.generate("all", seed=0)  # at least, it draws
    cases = check_golden(generator, golden) if golden is not None else 0
    result = {
        "model": generator.info.name,
        "version": generator.info.version,
        "file_sha256": generator.model_sha256,
        "golden_cases": cases,
        "backend": generator.backend,
    }
    if options.json:
        print(json.dumps(result))
    else:
        pixels = f"pixels as they should be in {cases} cases" if cases else "no golden file to compare with"
        print(
            f"{generator.info.name} {generator.info.version}: contract kept, weights' checksum right, "
            f"{pixels}, by {generator.backend}"
        )
