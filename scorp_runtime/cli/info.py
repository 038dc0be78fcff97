"""Show the metadata of a model: classes, knobs, training data, licence, scores."""

import argparse
import json

from scorp_runtime.errors import printable
from scorp_runtime.generator import Generator
from scorp_runtime.model.bundled import SELECTED_FOR

from .options import add_flag, add_model_operand

USAGE = "scorp-gen info [MODEL] [options]"
EXAMPLES = """\
examples:
  scorp-gen info
  scorp-gen info text
  scorp-gen info runs/mine.onnx --json"""

_TEXTS = ("scorp_format", "name", "version", "architecture", "licence", "weights_sha256")  # others are JSON


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of `scorp-gen info`."""
    add_model_operand(parser)
    add_flag(parser, "--json", "print all metadata as one line of JSON")


def run(options: argparse.Namespace) -> None:
    """Print the metadata of the model."""
    generator = Generator(options.model)
    if options.json:
        print(json.dumps(_document(generator), ensure_ascii=False))
    else:
        print("\n".join(printable(f"{name:23} {text}") for name, text in _rows(generator)))


def _rows(generator: Generator) -> list[tuple[str, str]]:
    info, file = generator.info, generator.model_file
    height, width = generator.image_shape
    knobs = [f"{knob.name} {knob.low:.17g}..{knob.high:.17g} {knob.unit}".rstrip() for knob in info.knobs]
    return [
        ("model", f"{info.name} {info.version}"),
        ("file", file.place + (" (bundled)" if file.bundled else "")),
        *([("selected for", use)] if file.bundled and (use := SELECTED_FOR.get(file.place)) else []),
        ("sha256", generator.model_sha256),
        ("images", f"{height} x {width}"),
        ("classes", " ".join(info.classes)),
        ("knobs", ", ".join(knobs) or "none"),
        ("exact", "yes: the same pixels on every machine" if info.exact else "no"),
        ("architecture", info.architecture),
        ("multiply-adds", f"{info.macs:,} per image"),
        ("trained on", str(info.dataset.get("name", "unknown"))),
        ("licence", info.licence),
        *([("scores", "measured at export; scorp-eval measures more")] if info.scores else []),
        *((f"  {name}", f"{score:g}") for name, score in info.scores.items()),
    ]


def _document(generator: Generator) -> dict[str, object]:
    metadata = generator.info.to_metadata()
    return {
        **{key: value if key in _TEXTS else json.loads(value) for key, value in metadata.items()},
        "image_shape": list(generator.image_shape),
        "file": generator.model_file.place,
        "bundled": generator.model_file.bundled,
        "file_sha256": generator.model_sha256,
    }
