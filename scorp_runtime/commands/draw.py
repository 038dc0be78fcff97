"""Draw handwritten digits into a file, a folder or stdout."""

import argparse
import hashlib
import json
import sys
from dataclasses import asdict, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from ..errors import OutputError, RequestError
from ..writers import FOLDER, FORMATS, STREAMS, folder_writer, stream_writer
from ..writers.job import Job

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..batch import Batch
    from ..generator import Generator
    from ..presentation import Presentation

EPILOG = """\
examples:
  scorp-gen 7 --count 64 sevens.png          a sheet of 64 sevens
  scorp-gen 0-9 --count 1000 digits/         a file per picture, in a folder per class
  scorp-gen all -n 60000 --seed 1 train.npz  pictures, labels and styles for numpy
  scorp-gen 3 --thickness 2..5 --slant -10 three.png
  scorp-gen 0-9 --writer 12 mine.png         one hand; the same in every seed
  scorp-gen "a thick seven leaning left" 7.png
  scorp-gen --text 2026-11-21 date.png       a text in one hand (--text=7 --help tells more)

other commands (each with --help):
  scorp-gen info    what a model says of itself
  scorp-gen check   test a model: checksum, contract, pixels

exit codes: 0 done, 1 failed, 2 wrong usage, 3 bad model, 130 interrupted
"""

STDOUT = "-"
_BATCH_PIXELS = 1 << 22  # of a batch, so that large pictures take no more memory than many
_KNOBS = {"thickness": "of the pen", "slant": "to the right", "width": "of the digit"}
KNOB_OPTIONS = tuple(f"--{name}" for name in _KNOBS)


def add_options(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `scorp-gen WHAT`."""
    parser.add_argument(
        "what",
        metavar="WHAT",
        help="7, 0-9, 1,3,5-7, A-Z or all; classes take turns; or words: 'a thick seven leaning left'",
    )
    parser.add_argument(
        "output",
        metavar="OUTPUT",
        nargs="?",
        default=STDOUT,
        help=f"a file ({', '.join(STREAMS.values())}), a folder (ending in /), or - for stdout (the default)",
    )
    _add_pictures(parser.add_argument_group("pictures"))
    add_style(parser.add_argument_group("style (a number, or a range such as 2..5)"))
    _add_presentation(parser.add_argument_group("presentation, applied in this order; severities are 0 to 5"))
    _add_writing(parser.add_argument_group("writing"))
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> None:
    """Draw and write the pictures, then tell what was made."""
    form = _format(options.output, options.format)
    if options.output == STDOUT and sys.stdout is None:  # as a shell's `>&-` leaves it
        raise OutputError("cannot write to stdout: it is closed")
    if options.output == STDOUT and sys.stdout.isatty():
        raise RequestError(
            "a terminal shows no pictures: name a file such as digits.png or a folder such as digits/"
        )
    from ..generator import Generator

    generator = Generator(options.model, threads=options.threads)
    _understand(options, generator)
    pixels = hashlib.sha256()
    job = _job(options, generator, pixels)
    _write(job, form, options.output, force=options.force)
    _report(options, generator, job, form, pixels.hexdigest())


def _add_pictures(group: Any) -> None:
    group.add_argument(
        "-n", "--count", type=count, metavar="N", help="how many (default: one per class named)"
    )
    add_seed(group)
    add_model(group)


def add_seed(group: Any) -> None:
    """Declare the options that say which addresses are drawn, and in whose hand."""
    group.add_argument("-s", "--seed", type=whole, metavar="S", help="0 to 2^64-1 (default: drawn, and told)")
    group.add_argument("--start", type=whole, default=0, metavar="I", help="index of the first (default: 0)")
    group.add_argument("--writer", type=whole, metavar="W", help="0 to 2^64-1: one hand, in every seed")


def add_model(group: Any) -> None:
    """Declare the options that say what draws."""
    group.add_argument("--model", metavar="M", help="name of a bundled model, or path (default: digits)")
    group.add_argument("--threads", type=count, default=1, metavar="N", help="threads to use (default: 1)")


def add_style(group: Any) -> None:
    """Declare the options of the knobs."""
    for name, meaning in _KNOBS.items():
        group.add_argument(f"--{name}", metavar="V", help=f"{meaning}; default: as people write")


def _add_presentation(group: Any) -> None:
    group.add_argument("--breaks", type=whole, default=0, metavar="SEVERITY", help="of strokes")
    group.add_argument("--size", type=whole, metavar="PX", help="height of a picture (default: the model's)")
    group.add_argument("--shift", type=whole, default=0, metavar="PX", help="at most, off centre")
    group.add_argument("--blur", type=whole, default=0, metavar="SEVERITY", help="out of focus")
    group.add_argument("--background", type=whole, default=0, metavar="GREY", help="of the paper, 0 to 255")
    group.add_argument("--noise", type=whole, default=0, metavar="SEVERITY", help="on every pixel")


def _presentation(options: argparse.Namespace) -> "Presentation":
    from ..presentation import Presentation

    return Presentation(**{field.name: getattr(options, field.name) for field in fields(Presentation)})


def _add_writing(group: Any) -> None:
    group.add_argument("--format", choices=FORMATS, help="when the output's name does not tell")
    group.add_argument("--columns", type=count, metavar="N", help="of a sheet")
    group.add_argument("--scale", type=count, metavar="N", help="draw each pixel as N x N in PNG files")
    group.add_argument("--invert", action="store_true", help="dark ink on white paper")
    group.add_argument("--force", action="store_true", help="replace a folder of pictures made before")
    group.add_argument("--json", action="store_true", help="tell what was made as one line of JSON")


def whole(text: str) -> int:
    """Read a whole number of an option."""
    if not (text.isascii() and text.isdigit() and len(text) <= 20):
        raise argparse.ArgumentTypeError(f"{text[:40]!r} is not a whole number from 0 to 2^64-1")
    return int(text)


def count(text: str) -> int:
    """Read a number of pictures of an option."""
    number = whole(text)
    if number == 0:
        raise argparse.ArgumentTypeError("must be at least 1, not 0")
    return number


def _format(output: str, asked: str | None) -> str:
    """Return the format that the option or the output's name tells."""
    if output == STDOUT:
        if asked == FOLDER:
            raise RequestError("a folder cannot go to stdout")
        return asked or "png"
    is_folder = output.endswith("/") or Path(output).is_dir()
    if is_folder and asked not in (None, FOLDER):
        raise RequestError(f"{output} is a folder, but --format is {asked}")
    if asked or is_folder:
        return asked or FOLDER
    extension = Path(output).suffix.lower()
    for name, known in STREAMS.items():
        if extension == known:
            return name
    raise RequestError(
        f"{output!r} tells no format: end it in {', '.join(STREAMS.values())} or /, or give --format"
    )


def _job(options: argparse.Namespace, generator: "Generator", pixels: Any) -> Job:
    """Check all that was asked against the model and return it as a job; drawing it feeds the hash `pixels`."""
    from ..request import read_request

    styles, presentation = asked_styles(options), _presentation(options)
    request = read_request(
        generator.info,
        options.what,
        options.count,
        options.seed,
        options.start,
        styles,
        writer=options.writer,
    )
    shape = presentation.shape(generator.image_shape)
    size = max(1, min(256, _BATCH_PIXELS // (shape[0] * shape[1])))

    def draw() -> "Iterator[Batch]":
        batches = generator.iter_batches(
            options.what,
            request.count,
            seed=request.seed,
            start=request.start,
            writer=request.writer,
            batch_size=size,
            **styles,
        )
        for batch in batches:
            if options.received:  # some libraries swallow the exception of a signal while they are imported
                raise KeyboardInterrupt
            presented = presentation.apply(batch)
            pixels.update(presented.images)
            yield presented

    return Job(
        info=generator.info,
        image_shape=shape,
        count=request.count,
        seed=request.seed,
        start=request.start,
        draw=draw,
        invert=options.invert,
        columns=options.columns,
        scale=options.scale,
    )


def _understand(options: argparse.Namespace, generator: "Generator") -> None:
    """Replace WHAT in words by the class and the styles that it means."""
    from ..words import is_phrase, read_phrase

    if not is_phrase(options.what, generator.classes):
        return
    phrase = read_phrase(options.what, generator.info)
    if len(phrase.text) > 1:
        raise RequestError(
            f"{options.what!r} is more than one picture: write it with --text {options.what!r}"
        )
    options.what = phrase.text
    for name, (value,) in phrase.styles.items():
        if getattr(options, name, None) is not None:
            raise RequestError(f"--{name} contradicts the words, which say {name} too")
        setattr(options, name, str(value))


def asked_styles(options: argparse.Namespace) -> dict[str, Any]:
    """Return the knobs that the options set, by name."""
    asked = {name: getattr(options, name) for name in _KNOBS}
    return {name: value for name, value in asked.items() if value is not None}


def _write(job: Job, form: str, output: str, *, force: bool) -> None:
    if form == FOLDER:
        _write_folder(job, Path(output), force=force)
        return
    writer = stream_writer(form)
    writer.check(job)
    if output == STDOUT:
        _write_stdout(job, writer.write)
        return
    from ..atomic import whole_file

    with whole_file(Path(output)) as stream:
        writer.write(job, stream)


def _write_stdout(job: Job, write: Any) -> None:
    stream: BinaryIO = sys.stdout.buffer
    try:
        write(job, stream)
        stream.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise OutputError(f"cannot write to stdout: {error.strerror}") from error


def _write_folder(job: Job, folder: Path, *, force: bool) -> None:
    from ..atomic import whole_folder
    from ..writers.folder import is_ours

    writer = folder_writer()
    writer.check(job)
    if folder.is_dir() and any(folder.iterdir()):
        if not force:
            raise OutputError(f"the folder {folder} is not empty: --force replaces one made by scorp-gen")
        if not is_ours(folder):
            raise OutputError(
                f"the folder {folder} holds something that scorp-gen did not make: not replaced"
            )
    with whole_folder(folder, replace=force) as begun:
        writer.write(job, begun)


def _report(options: argparse.Namespace, generator: "Generator", job: Job, form: str, pixels: str) -> None:
    """Say on stderr what was made; with --json tell it on stdout, or on stderr where stdout is the pictures."""
    if options.seed is None:
        say(f"seed {job.seed}, drawn afresh: --seed {job.seed} makes the same pictures again")
    say(f"{_pictures(job)} of {options.what} in {options.output}{_sheet(job, form)}")
    if not options.json:
        return
    made = {
        "output": options.output,
        "format": form,
        "what": options.what,
        "count": job.count,
        "seed": job.seed,
        "start": job.start,
        "writer": options.writer,
        "styles": asked_styles(options),
        "presentation": asdict(_presentation(options)),
        "model": generator.info.name,
        "model_version": generator.info.version,
        "model_sha256": generator.model_sha256,
        "image_shape": list(job.image_shape),
        "invert": job.invert,
        "pixels_sha256": pixels,
    }
    print(json.dumps(made), file=sys.stderr if options.output == STDOUT else sys.stdout)


def _pictures(job: Job) -> str:
    return "1 picture" if job.count == 1 else f"{job.count} pictures"


def _sheet(job: Job, form: str) -> str:
    if form != "png" or job.count == 1:
        return ""
    from ..writers.png import grid

    rows, columns = grid(job)
    return f", one contact sheet of {rows} x {columns}; a folder (digits/) gets a file per picture"


def say(text: str) -> None:
    """Print a line on stderr."""
    print(f"scorp-gen: {text}", file=sys.stderr)
