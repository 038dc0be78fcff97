"""Draw images of handwritten characters into a file, a folder or stdout."""

import argparse
import re
import shlex
from collections.abc import Sequence
from typing import TYPE_CHECKING

from scorp_runtime.errors import LabelError, RequestError
from scorp_runtime.formats import IMAGE_FORMATS

from . import COMMANDS, dataset_output, output
from .options import (
    COUNT,
    STYLE,
    add_effects,
    add_samples,
    add_style,
    add_value,
    chosen_effects,
    effects_of,
    model_for,
)
from .phrases import NUMBERS, is_phrase, read_phrase, without_grammar

if TYPE_CHECKING:
    from scorp_runtime.datasets.image_spec import ImageSpec
    from scorp_runtime.generator import Generator

USAGE = "scorp-gen WHAT [OUTPUT] [options]"
EXAMPLES = """\
examples:
  scorp-gen 7 --count 64 sevens.png          a sheet of 64 sevens
  scorp-gen 0-9 --count 1000 digits/         a file per image, in a folder per class
  scorp-gen all -n 60000 --seed 1 train.npz  images, labels and styles for NumPy
  scorp-gen 3 --thickness 2..5 --slant -10 three.png
  scorp-gen 0-9 --writer 12 mine.png         one writer, the same in every seed
  scorp-gen "a thick seven leaning left" 7.png
  scorp-gen 0-9 -n 1000000 --format idx --workers 2 --seed 1 mnist/

other commands (each has its own --help):
  scorp-gen text TEXT OUT  write a text as one person would
  scorp-gen info           show the metadata of a model
  scorp-gen check          test a model: checksum, contract, pixels
  scorp-gen bench          measure the speed of this machine
  scorp-gen verify DIR     draw a dataset again and compare it with its files
  scorp-gen serve          serve a page that draws in your browser

exit codes: 0 done, 1 failed, 2 wrong usage, 3 bad model, 130 interrupted"""
SHORT = ("images", STYLE)

SHARD_SIZE = 1 << 14  # images per shard without `--shards`

_DIGITS = re.compile("|[0-9](-[0-9])?( *, *[0-9](-[0-9])?)*")  # nothing, or digits and ranges of them


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of `scorp-gen WHAT`."""
    parser.add_argument(
        "what",
        metavar="WHAT",
        help="classes that take turns: 7, 0-9, 1,3,5-7, A-Z or all; or words: 'a thick seven leaning left'",
    )
    files = ", ".join(output.extensions(IMAGE_FORMATS))
    meaning = f"file ({files}), folder (ending in /), or - for stdout (default: -)"
    parser.add_argument("output", metavar="OUTPUT", nargs="?", default=output.STDOUT, help=meaning)
    images = parser.add_argument_group("images")
    add_samples(images, "number of images (default: one per class)")
    add_value(images, "--per-class", "N", "number of images of each class, or N,N,... class by class")
    weights = "weight of each class, 0 or more (default: classes take turns)"
    add_value(images, "--class-weights", "W,W,...", weights)
    add_style(parser)
    add_effects(parser)
    writing = output.add_options(parser, IMAGE_FORMATS)
    add_value(writing, "--columns", "N", "columns of a contact sheet (default: about as many as rows)", COUNT)
    add_value(writing, "--scale", "N", "enlargement of the pixels in PNG files (default: 1)", COUNT)
    dataset_output.add_options(parser, SHARD_SIZE)


def run(options: argparse.Namespace) -> None:
    """Draw and write the images, then report what was written."""
    if options.what.endswith(tuple(output.extensions(IMAGE_FORMATS))):
        raise RequestError(f"WHAT is missing; to draw all classes, run `scorp-gen all {options.what}`")
    dataset_output.choose_output(options, IMAGE_FORMATS, "folder")
    if options.columns is not None and options.format != "png":
        raise RequestError(f"--columns is only for contact sheets (.png), not for {options.format}")
    from scorp_runtime.generator import Generator

    model = model_for(options.model, digits_alone=_is_digits(options.what))
    generator = Generator(model, threads=options.threads, backend=options.backend)
    _read_classes(options, generator)
    spec = _spec(options, generator)
    if options.is_folder:
        written = dataset_output.make_dataset(options, generator, spec)
    else:
        written = output.write_file(options, generator, spec, columns=options.columns)
    details = {
        "what": spec.what,
        "presentation": effects_of(options),
        "image_shape": list(spec.image_shape(generator)),
        **written,
    }
    subject = f"of {options.what} in {options.output}{_sheet(options, spec)}"
    output.report(options, generator, spec, subject, details)


def _is_digits(what: str) -> bool:
    """Return whether WHAT requests nothing but digits, by their names or in words."""
    return what == "all" or _DIGITS.fullmatch(without_grammar(what)) is not None


def _read_classes(options: argparse.Namespace, generator: "Generator") -> None:
    """Check WHAT; replace one in words by its class and styles. Raises `RequestError` if WHAT or an option is wrong."""
    from scorp_runtime.sampling.labels import read_labels

    what: str = options.what
    try:
        if not is_phrase(what, generator.classes):
            read_labels(what, generator.classes)
            return
        phrase = read_phrase(what, generator.info)
    except LabelError as error:
        raise LabelError(_explain(error, what, generator.classes)) from None
    options.what = phrase.name
    for name, value in phrase.styles.items():
        if getattr(options, name, None) is not None:
            raise RequestError(f"--{name} contradicts {what!r}, which also sets {name}; remove one of them")
        setattr(options, name, str(value))


def _explain(error: LabelError, what: str, classes: Sequence[str]) -> str:
    """Return the message for a WHAT that names no class, with the command, word or text that it probably means."""
    from difflib import get_close_matches

    from scorp_runtime.text.punctuation import MARKS

    if near := get_close_matches(what, [*COMMANDS, *NUMBERS], 1, cutoff=0.7):
        meant = f"`scorp-gen {near[0]}`" if near[0] in COMMANDS else repr(near[0])
        return f"there is no class or command {what!r}; did you mean {meant}?"
    is_text = len(what) > 1 and set(what) <= {*classes, *MARKS, " "} and what[1:-1] != "-"
    if not is_text or without_grammar(what) != what:
        return str(error)
    return f"there is no class {what!r}; to write text, run `scorp-gen text {shlex.quote(what)} out.png`"


def _spec(options: argparse.Namespace, generator: "Generator") -> "ImageSpec":
    """Check the whole request against the model and return it."""
    from scorp_runtime.datasets.image_spec import ImageSpec
    from scorp_runtime.sampling.class_shares import read_class_shares
    from scorp_runtime.sampling.request import read_request

    fields = output.spec_fields(options, generator)
    labels = read_class_shares(options.what, options.per_class, options.class_weights, generator.classes)
    seed = dataset_output.seed_or_known(options)
    samples = labels, options.count, seed, options.start, fields["styles"]
    request = read_request(generator.classes, generator.knobs, *samples, writer=options.writer)
    return ImageSpec(
        **fields,
        what=options.what,
        per_class=options.per_class,
        class_weights=options.class_weights,
        count=request.count,
        seed=request.seed,
        presentation=chosen_effects(options),
        shards=dataset_output.shard_count(options, request.count, SHARD_SIZE),
        scale=options.scale,
    )


def _sheet(options: argparse.Namespace, spec: "ImageSpec") -> str:
    if spec.format != "png" or spec.count == 1:
        return ""
    from scorp_runtime.inference.batch import grid

    rows, columns = grid(spec.count, options.columns)
    return f", one contact sheet of {rows} x {columns}; a folder (digits/) gets a file per image"
