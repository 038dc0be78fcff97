"""Write a text as one person would, with a tight box around the ink of each character."""

import argparse
import json
import sys
from functools import partial
from typing import TYPE_CHECKING, Any

from scorp_runtime.errors import RequestError
from scorp_runtime.formats import PAGE_FORMATS, load_file_format

from . import dataset_output
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
    from scorp_runtime.datasets.page_spec import PageSpec
    from scorp_runtime.formats.page_job import PageJob
    from scorp_runtime.generator import Generator

USAGE = "scorp-gen text TEXT... OUTPUT [options]"
EXAMPLES = """\
examples:
  scorp-gen text 2026-11-21 date.png              a page as large as the text needs
  scorp-gen text 12.50 3.75 --writer 12 sum.png   two lines by one writer
  scorp-gen text 4071 -n 100 --seed 1 pages/      100 writers: PNG, Tesseract .box, boxes.csv and coco.json
  scorp-gen text 4071 -n 90000 --seed 1 --format parquet --workers 2 pages/"""

SHORT = ("pages", "style (a number, or a range such as 2..5)")

SHARD_SIZE = 1 << 10
"""Pages per shard, at most, when the number of shards is left open."""

_LENGTHS = {
    "size": "height of the image that a character is cut from (default: the model's)",
    "spacing": "distance between the ink of neighbours (default: a ninth of the size)",
    "spacing-jitter": "variation of the spacing (default: a 28th of the size)",
    "baseline-jitter": "largest distance from the baseline (default: a 28th of the size)",
    "word-space": "width of a space (default: 3/7 of the size)",
    "line-height": "distance of the baselines (default: 8/7 of the size)",
    "margin": "paper around the ink (default: a seventh of the size)",
}


def add_options(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `scorp-gen text`, of which `scorp-gen --text TEXT OUTPUT` is another form."""
    parser.add_argument("lines", metavar="TEXT", nargs="*", default=[], help="text, an argument per line")
    parser.add_argument(
        "output",
        metavar="OUTPUT",
        help=".png file of one page, .tar or .parquet file, folder (ending in /), or - for stdout",
    )
    parser.add_argument("--text", action="append", default=[], metavar="TEXT", help=argparse.SUPPRESS)
    group = parser.add_argument_group("pages")
    group.add_argument(
        "-n", "--count", type=count, default=1, metavar="N", help="number of pages (default: 1)"
    )
    add_seed(group)
    add_model(group, "digits, or letters if you request letters")
    add_drawing(group)
    add_style(parser.add_argument_group("style (a number, or a range such as 2..5)"))
    lengths = parser.add_argument_group("page (in px)")
    for name, meaning in _LENGTHS.items():
        lengths.add_argument(f"--{name}", type=_length, metavar="PX", help=meaning)
    writing = parser.add_argument_group("output")
    writing.add_argument(
        "--format", choices=PAGE_FORMATS, help="output format (default: by the name of OUTPUT)"
    )
    writing.add_argument("--invert", action="store_true", help="dark ink on white paper")
    add_replacing(writing)
    writing.add_argument(
        "--json",
        action="store_true",
        help="description of the result, with the boxes of a single page, as one line of JSON",
    )
    dataset_output.add_options(parser.add_argument_group("datasets (OUTPUT is a folder)"), SHARD_SIZE)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> None:
    """Write the pages, then tell what was made."""
    if options.text and options.lines:
        raise RequestError("--text and TEXT exclude each other")
    options.text = options.text or options.lines
    if not options.text:
        raise RequestError("the following arguments are required: TEXT, OUTPUT (see scorp-gen text --help)")
    form, is_folder = output_format(options.output, options.format, PAGE_FORMATS, "pages")
    if not is_folder:
        dataset_output.refuse_for_a_file(options)
    if form == "png" and options.count > 1:
        raise RequestError(f"{options.count} pages do not fit into one picture: end the output in /")
    from scorp_runtime.generator import Generator

    model = model_for("\n".join(options.text), options.model)
    generator = Generator(model, threads=options.threads, backend=options.backend)
    spec = _spec(options, generator, form, is_folder=is_folder)
    made = dataset_output.make(options, generator, spec) if is_folder else _write(options, generator, spec)
    _report(options, generator, spec, made)


def _length(text: str) -> int:
    return -whole(text[1:]) if text.startswith("-") else whole(text)


def _spec(options: argparse.Namespace, generator: "Generator", form: str, *, is_folder: bool) -> "PageSpec":
    from scorp_runtime.datasets.page_spec import PageSpec
    from scorp_runtime.sampling.philox import read_seed

    lengths = {name.replace("-", "_"): getattr(options, name.replace("-", "_")) for name in _LENGTHS}
    return PageSpec(
        model=generator.model_file.place,
        model_sha256=generator.model_sha256,
        text="\n".join(options.text),
        count=options.count,
        seed=read_seed(dataset_output.known_seed(options) if is_folder else options.seed),
        start=options.start,
        writer=options.writer,
        styles=asked_styles(options),
        layout={name: length for name, length in lengths.items() if length is not None},
        format=form,
        shards=dataset_output.shards(options, options.count, SHARD_SIZE, "pages") if is_folder else 1,
        invert=options.invert,
    )


def _write(options: argparse.Namespace, generator: "Generator", spec: "PageSpec") -> dict[str, object]:
    """Write one file and return what there is to tell of it, for JSON; checksums are of pixels before inversion."""
    with Watch(options, spec.count) as watch:
        job = spec.job(generator, 0, watch)
        if spec.format == "png":
            page = _write_page(options, job)
            return {"pages": [page | {"pixels_sha256": watch.pixels_sha256}]}
        writer = load_file_format(spec.format)
        writer.check(job)
        write_output(options.output, partial(writer.write_file, job), replace=not options.no_clobber)
    return {"pixels_sha256": watch.pixels_sha256}


def _write_page(options: argparse.Namespace, job: "PageJob") -> dict[str, object]:
    from scorp_runtime.formats.png_codec import png_bytes

    (sample,) = job.samples()
    write_output(
        options.output,
        lambda stream: stream.write(png_bytes(sample.image, sample.address)),
        replace=not options.no_clobber,
    )
    said, objects = sample.fields, sample.fields["objects"]
    boxes = [[text, *box] for text, box in zip(objects["character"], objects["bbox"], strict=True)]
    return {"index": said["index"], "writer": said["writer"], "boxes": boxes}


def _report(
    options: argparse.Namespace, generator: "Generator", spec: "PageSpec", made: dict[str, Any]
) -> None:
    """Say on stderr what was made; with --json tell it on stdout, or on stderr where stdout is the pages."""
    text, styles = spec.text_and_styles(generator.info)
    if options.seed is None:
        say(options, f"seed {spec.seed}: --seed {spec.seed} writes the same again")
    say(
        options,
        f"{_pages(spec, made)} of {' / '.join(text.splitlines())} by {_hands(spec, made)} in {options.output}",
    )
    if not options.json:
        return
    told = {
        "output": options.output,
        "format": spec.format,
        "text": text,
        "count": spec.count,
        "seed": spec.seed,
        "start": spec.start,
        "writer": spec.writer,
        "styles": styles,
        "layout": dict(spec.layout),
        "model": generator.info.name,
        "model_version": generator.info.version,
        "model_sha256": spec.model_sha256,
        "invert": spec.invert,
        **made,
    }
    print(json.dumps(told), file=sys.stderr if options.output == STDOUT else sys.stdout)


def _pages(spec: "PageSpec", made: dict[str, Any]) -> str:
    pages = "1 page" if spec.count == 1 else f"{spec.count} pages"
    return f"shard {made['shard']} of {spec.shards} of {pages}" if "shard" in made else pages


def _hands(spec: "PageSpec", made: dict[str, Any]) -> str:
    writer = made["pages"][0]["writer"] if "pages" in made else spec.writer
    if writer is not None:
        return f"writer {writer}"
    return "one writer" if spec.count == 1 else f"{spec.count} writers"
