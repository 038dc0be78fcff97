"""Write text as one person would, on a page or many, with the bounding box of each character."""

import argparse
import string
from typing import TYPE_CHECKING, Any

from scorp_runtime.errors import RequestError
from scorp_runtime.formats import PAGE_FORMATS
from scorp_runtime.model.bundled import TEXT

from . import dataset_output, output
from .options import STYLE, WHOLE, add_flag, add_samples, add_style, add_value
from .progress import ImageMonitor

if TYPE_CHECKING:
    from scorp_runtime.datasets.page_spec import PageSpec
    from scorp_runtime.generator import Generator

USAGE = "scorp-gen text TEXT... OUTPUT [options]"
EXAMPLES = """\
examples:
  scorp-gen text 2026-11-21 date.png              a page as large as the text needs
  scorp-gen text 12.50 3.75 --writer 12 sum.png   two lines by one writer
  scorp-gen text 4071 -n 100 --seed 1 pages/      100 writers: PNG, Tesseract .box, boxes.csv and coco.json
  scorp-gen text 4071 -n 90000 --seed 1 --format parquet --workers 2 pages/"""
SHORT = ("pages", STYLE)

SHARD_SIZE = 1 << 10  # pages per shard without `--shards`

_LENGTHS = {
    "size": "height of a character's image (default: the model's)",
    "spacing": "distance between the ink of neighbours (default: a ninth of the size)",
    "spacing-jitter": "variation of the spacing (default: a 28th of the size)",
    "baseline-jitter": "largest distance from the baseline (default: a 28th of the size)",
    "word-space": "width of a space (default: 3/7 of the size)",
    "line-height": "distance between baselines (default: 8/7 of the size, 10/7 for models with small letters)",
    "margin": "paper around the ink (default: a seventh of the size)",
}


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of `scorp-gen text`; `scorp-gen --text TEXT OUTPUT` is an alias."""
    parser.add_argument("lines", metavar="TEXT", nargs="*", default=[], help="text, one argument per line")
    parser.add_argument(
        "output",
        metavar="OUTPUT",
        help=".png file of one page, .tar or .parquet file, folder (ending in /), or - for stdout",
    )
    parser.add_argument("--text", action="append", default=[], metavar="TEXT", help=argparse.SUPPRESS)
    pages = parser.add_argument_group("pages")
    add_samples(pages, "number of pages (default: 1)", default=1)
    meaning = "write accented letters and typographic punctuation in ASCII (default: report them as errors)"
    add_flag(pages, "--transliterate", meaning)
    add_style(parser)
    lengths = parser.add_argument_group("layout (in px, up to 512)")
    for name, meaning in _LENGTHS.items():
        add_value(lengths, f"--{name}", "PX", meaning, _length)
    output.add_options(parser, PAGE_FORMATS, ", with the boxes of a single page")
    dataset_output.add_options(parser, SHARD_SIZE)


def run(options: argparse.Namespace) -> None:
    """Write the pages, then report what was written."""
    if options.text and options.lines:
        raise RequestError("TEXT and --text exclude each other; pass one of them")
    options.text = options.text or options.lines
    if not options.text:
        raise RequestError("the following arguments are required: TEXT, OUTPUT (see scorp-gen text --help)")
    if options.transliterate:
        from scorp_runtime.text.transliterate import transliterate

        options.text = list(map(transliterate, options.text))
    dataset_output.choose_output(options, PAGE_FORMATS, "pages")
    if options.format == "png" and options.count > 1:
        raise RequestError(
            f"{options.count} pages do not fit into one PNG file; end OUTPUT in / for a folder"
        )
    from scorp_runtime.generator import Generator

    is_digits = set("".join(options.text)) <= {*string.digits, " ", "\n"}
    model = options.model or (None if is_digits else TEXT)
    generator = Generator(model, threads=options.threads, backend=options.backend)
    spec = _spec(options, generator)
    if options.is_folder:
        written = dataset_output.make_dataset(options, generator, spec)
    else:
        written = (_write_page if options.format == "png" else output.write_file)(options, generator, spec)
    details = {"text": spec.text, "layout": dict(spec.layout), **written}
    subject = f"of {' / '.join(spec.text.splitlines())} by {_writers(spec, details)} in {options.output}"
    output.report(options, generator, spec, subject, details)


def _length(text: str) -> int:
    return -WHOLE(text[1:]) if text.startswith("-") else WHOLE(text)


def _spec(options: argparse.Namespace, generator: "Generator") -> "PageSpec":
    from scorp_runtime.datasets.page_spec import PageSpec
    from scorp_runtime.sampling.philox import read_seed

    names = [name.replace("-", "_") for name in _LENGTHS]
    return PageSpec(
        **output.spec_fields(options, generator),
        text="\n".join(options.text),
        count=options.count,
        seed=read_seed(dataset_output.seed_or_known(options)),
        layout={name: length for name in names if (length := getattr(options, name)) is not None},
        shards=dataset_output.shard_count(options, options.count, SHARD_SIZE),
    )


def _write_page(options: argparse.Namespace, generator: "Generator", spec: "PageSpec") -> dict[str, Any]:
    """Write a PNG file and return its description, with the checksum of the pixels before inversion."""
    from scorp_runtime.formats.png import png_bytes

    with ImageMonitor(options, 1) as monitor:
        (sample,) = spec.job(generator, 0, monitor).samples()
    output.write_output(options, lambda stream: stream.write(png_bytes(sample.image, sample.address)))
    fields, objects = sample.fields, sample.fields["objects"]
    boxes = [[text, *box] for text, box in zip(objects["character"], objects["bbox"], strict=True)]
    page = {"index": fields["index"], "writer": fields["writer"], "boxes": boxes}
    return {"pages": [page | {"pixels_sha256": monitor.pixels_sha256}]}


def _writers(spec: "PageSpec", details: dict[str, Any]) -> str:
    writer = details["pages"][0]["writer"] if "pages" in details else spec.writer
    if writer is not None:
        return f"writer {writer}"
    return "one writer" if spec.count == 1 else f"{spec.count} writers"
