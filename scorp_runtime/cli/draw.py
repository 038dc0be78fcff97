"""Draw images of handwritten characters into a file, a folder or stdout."""

import argparse
import json
import shlex
import sys
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from scorp_runtime.errors import LabelError, RequestError
from scorp_runtime.formats import EXTENSIONS, IMAGE_FORMATS, load_file_format

from . import COMMANDS, dataset_output
from .argument_types import count, whole
from .drawing_options import (
    STDOUT,
    Watch,
    add_drawing,
    add_model,
    add_replacing,
    add_seed,
    add_style,
    asked_styles,
    model_for,
    output_format,
    say,
    write_output,
)

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
  scorp-gen bench          measure how fast this machine draws
  scorp-gen verify DIR     draw a dataset again and compare it with its files
  scorp-gen serve          a page that draws in your browser

exit codes: 0 done, 1 failed, 2 wrong usage, 3 bad model, 130 interrupted"""

SHORT = ("images", "style (a number, or a range such as 2..5)")

SHARD_SIZE = 1 << 14
"""Pictures per shard, at most, when the number of shards is left open."""

_PRESENTATION = ("breaks", "size", "shift", "blur", "background", "noise")


def add_options(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `scorp-gen WHAT`."""
    parser.add_argument(
        "what",
        metavar="WHAT",
        help="classes: 7, 0-9, 1,3,5-7, A-Z or all, which take turns; or words: 'a thick seven leaning left'",
    )
    parser.add_argument(
        "output",
        metavar="OUTPUT",
        nargs="?",
        default=STDOUT,
        help=f"file ({', '.join(EXTENSIONS.values())}), folder (ending in /), or - for stdout (default: -)",
    )
    _add_pictures(parser.add_argument_group("images"))
    add_style(parser.add_argument_group("style (a number, or a range such as 2..5)"))
    _add_presentation(parser.add_argument_group("effects, applied in this order; severities are 0 to 5"))
    _add_writing(parser.add_argument_group("output"))
    dataset_output.add_options(parser.add_argument_group("datasets (OUTPUT is a folder)"), SHARD_SIZE)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> None:
    """Draw and write the pictures, then tell what was made."""
    form, is_folder = output_format(options.output, options.format, IMAGE_FORMATS, "folder")
    if not is_folder:
        dataset_output.refuse_for_a_file(options)
    if options.columns is not None and form != "png":
        raise RequestError(f"columns are for sheets, not for the format {form}")
    from scorp_runtime.generator import Generator

    model = model_for(options.what, options.model)
    generator = Generator(model, threads=options.threads, backend=options.backend)
    try:
        _understand(options, generator)
        spec = _spec(options, generator, form, is_folder=is_folder)
    except LabelError as error:
        raise LabelError(f"{error}{_suggestion(options.what, generator.classes)}") from None
    if is_folder:
        made = dataset_output.make(options, generator, spec)
    else:
        made = {"pixels_sha256": _draw(options, generator, spec)}
    _report(options, generator, spec, made)


def _add_pictures(group: Any) -> None:
    group.add_argument(
        "-n", "--count", type=count, metavar="N", help="number of images (default: one per class)"
    )
    group.add_argument(
        "--per-class", metavar="N", help="exactly N images of each class, or N,N,... class by class"
    )
    group.add_argument(
        "--class-weights", metavar="W,W,...", help="weight of each class (default: classes take turns)"
    )
    add_seed(group)
    add_model(group, "digits, or letters if you request letters")
    add_drawing(group)


def _add_presentation(group: Any) -> None:
    group.add_argument("--breaks", type=whole, default=0, metavar="SEVERITY", help="gaps in strokes")
    group.add_argument(
        "--size", type=count, metavar="PX", help="height of an image, 4 to 1024 (default: the model's)"
    )
    group.add_argument(
        "--shift", type=whole, default=0, metavar="PX", help="largest distance from the centre (default: 0)"
    )
    group.add_argument("--blur", type=whole, default=0, metavar="SEVERITY", help="blur")
    group.add_argument(
        "--background", type=whole, default=0, metavar="GREY", help="grey of the paper, 0 to 255 (default: 0)"
    )
    group.add_argument("--noise", type=whole, default=0, metavar="SEVERITY", help="noise on every pixel")


def _presentation(options: argparse.Namespace) -> dict[str, int | None]:
    return {name: getattr(options, name) for name in _PRESENTATION}


def _add_writing(group: Any) -> None:
    group.add_argument(
        "--format", choices=IMAGE_FORMATS, help="output format (default: by the name of OUTPUT)"
    )
    group.add_argument(
        "--columns", type=count, metavar="N", help="columns of a sheet (default: about as many as rows)"
    )
    group.add_argument(
        "--scale", type=count, metavar="N", help="size of a pixel in PNG files: N x N (default: 1)"
    )
    group.add_argument("--invert", action="store_true", help="dark ink on white paper")
    add_replacing(group)
    group.add_argument("--json", action="store_true", help="description of the result as one line of JSON")


def _spec(options: argparse.Namespace, generator: "Generator", form: str, *, is_folder: bool) -> "ImageSpec":
    """Check all that was asked against the model and return it."""
    from scorp_runtime.datasets.image_spec import ImageSpec
    from scorp_runtime.sampling.class_shares import asked_labels
    from scorp_runtime.sampling.request import read_request

    labels = asked_labels(options.what, options.per_class, options.class_weights, generator.classes)
    seed = dataset_output.known_seed(options) if is_folder else options.seed
    styles = asked_styles(options)
    request = read_request(
        generator.classes,
        generator.knobs,
        labels,
        options.count,
        seed,
        options.start,
        styles,
        writer=options.writer,
    )
    return ImageSpec(
        model=generator.model_file.place,
        model_sha256=generator.model_sha256,
        what=options.what,
        per_class=options.per_class,
        class_weights=options.class_weights,
        count=request.count,
        seed=request.seed,
        start=request.start,
        writer=request.writer,
        styles=styles,
        presentation={name: value for name, value in _presentation(options).items() if value},
        format=form,
        shards=dataset_output.shards(options, request.count, SHARD_SIZE, "pictures") if is_folder else 1,
        invert=options.invert,
        scale=options.scale,
    )


def _draw(options: argparse.Namespace, generator: "Generator", spec: "ImageSpec") -> str:
    """Write one file and return the checksum of its pictures, before inversion and scaling."""
    writer = load_file_format(spec.format)
    with Watch(options, spec.count) as watch:
        job = replace(spec.job(generator, 0, watch), columns=options.columns)
        writer.check(job)
        write_output(options.output, partial(writer.write_file, job), replace=not options.no_clobber)
    return watch.pixels_sha256


def _understand(options: argparse.Namespace, generator: "Generator") -> None:
    """Replace WHAT in words by the class and the styles that it means."""
    from scorp_runtime.text.phrases import is_phrase, read_phrase

    if not is_phrase(options.what, generator.classes):
        return
    phrase = read_phrase(options.what, generator.info)
    if len(phrase.text) > 1:
        raise LabelError(f"{options.what!r} is more than one character")
    options.what = phrase.text
    for name, (value,) in phrase.styles.items():
        if getattr(options, name, None) is not None:
            raise RequestError(f"--{name} contradicts the words, which say {name} too")
        setattr(options, name, str(value))


def _suggestion(what: str, classes: Sequence[str]) -> str:
    """Return what was probably meant by WHAT that names no class."""
    from difflib import get_close_matches

    from scorp_runtime.text.phrases import NUMBERS
    from scorp_runtime.text.punctuation import MARKS

    if len(what) > 1 and set(what) <= {*classes, *MARKS, " "}:
        return f"; to write text, run `scorp-gen text {shlex.quote(what)} out.png`"
    near = get_close_matches(what, [*COMMANDS, *NUMBERS], 1)
    if not near:
        return ""
    return f"; did you mean {near[0]!r}?" if near[0] in NUMBERS else f"; did you mean `scorp-gen {near[0]}`?"


def _report(
    options: argparse.Namespace, generator: "Generator", spec: "ImageSpec", made: dict[str, object]
) -> None:
    """Say on stderr what was made; with --json tell it on stdout, or on stderr where stdout is the pictures."""
    if options.seed is None:
        say(options, f"seed {spec.seed}: --seed {spec.seed} makes the same pictures again")
    say(options, f"{_pictures(spec, made)} of {options.what} in {options.output}{_sheet(options, spec)}")
    if not options.json:
        return
    told = {
        "output": options.output,
        "format": spec.format,
        "what": spec.what,
        "count": spec.count,
        "seed": spec.seed,
        "start": spec.start,
        "writer": spec.writer,
        "styles": spec.styles,
        "presentation": _presentation(options),
        "model": generator.info.name,
        "model_version": generator.info.version,
        "model_sha256": spec.model_sha256,
        "image_shape": list(spec.image_shape(generator)),
        "invert": spec.invert,
        **made,
    }
    print(json.dumps(told), file=sys.stderr if options.output == STDOUT else sys.stdout)


def _pictures(spec: "ImageSpec", made: dict[str, object]) -> str:
    pictures = "1 picture" if spec.count == 1 else f"{spec.count} pictures"
    return f"shard {made['shard']} of {spec.shards} of {pictures}" if "shard" in made else pictures


def _sheet(options: argparse.Namespace, spec: "ImageSpec") -> str:
    if spec.format != "png" or spec.count == 1:
        return ""
    from scorp_runtime.formats.png import grid

    rows, columns = grid(spec.count, options.columns)
    return f", one contact sheet of {rows} x {columns}; a folder (digits/) gets a file per picture"
