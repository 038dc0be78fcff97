"""Write text as one person would, on a page or many, with the bounding box of each character."""

import argparse
import string
from collections.abc import Callable, Set
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scorp_runtime.errors import RequestError
from scorp_runtime.formats import PAGE_FORMATS

from . import dataset_output, output
from .options import (
    STYLE,
    WHOLE,
    add_effects,
    add_flag,
    add_samples,
    add_style,
    add_value,
    chosen_effects,
    model_for,
)
from .progress import ImageMonitor

if TYPE_CHECKING:
    from scorp_runtime.datasets.page_spec import PageSpec
    from scorp_runtime.generator import Generator

USAGE = "scorp-gen text (TEXT... | --lines FILE | --pattern RE) OUTPUT [options]"
EXAMPLES = """\
examples:
  scorp-gen text 2026-11-21 date.png              a page as large as the text needs
  scorp-gen text 12.50 3.75 --writer 12 sum.png   two lines by one writer
  scorp-gen text 4071 -n 100 --seed 1 pages/      100 writers: PNG, Tesseract .box, boxes.csv and coco.json
  scorp-gen text 4071 -n 90000 --seed 1 --format parquet --workers 2 pages/
  scorp-gen text --lines names.txt --seed 1 names/
  scorp-gen text --pattern '[0-9]{4}-(0[1-9]|1[0-2])' -n 1000 --seed 1 dates/"""
SHORT = ("pages", STYLE)

SHARD_SIZE = 1 << 10  # pages per shard without `--shards`

_LENGTHS = {
    "size": "height of a character's image (default: the model's)",
    "spacing": "distance between the ink of neighbours (default: a ninth of the size)",
    "spacing-jitter": "variation of the spacing (default: a 28th of the size)",
    "baseline-jitter": "largest distance from the baseline (default: a 28th of the size)",
    "word-space": "width of a space (default: 3/7 of the size)",
    "line-height": "distance between baselines (default: 8/7 of the size, 10/7 for models with small letters)",
    "margin": "paper around the ink (default: a seventh of the size, or a twelfth of the width of --page-size)",
    "left-jitter": "largest indent of a line (default: 0)",
    "curvature": "largest bend of a baseline, up to an eighth of the line (default: 0)",
}
_SHEET = ("rotation", "page_size", "dpi")  # the other fields of a layout


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of `scorp-gen text`; `scorp-gen --text TEXT OUTPUT` is an alias."""
    parser.add_argument("words", metavar="TEXT", nargs="*", default=[], help="text, one argument per line")
    parser.add_argument(
        "output",
        metavar="OUTPUT",
        help=".png file of one page, .pdf, .tar or .parquet file, folder (ending in /), or - for stdout",
    )
    parser.add_argument("--text", action="append", default=[], metavar="TEXT", help=argparse.SUPPRESS)
    pages = parser.add_argument_group("pages")
    meaning = "UTF-8 file with a text per line; page I shows line I, and the first line follows the last"
    add_value(pages, "--lines", "FILE", meaning)
    meaning = r"regular expression of the texts, with [A-Z0-9], \d, (a|b), ?, {4} and {2,5}"
    add_value(pages, "--pattern", "RE", meaning)
    add_samples(pages, "number of pages (default: 1, or the number of lines in FILE)")
    meaning = "write accented letters and typographic punctuation in ASCII (default: report them as errors)"
    add_flag(pages, "--transliterate", meaning)
    add_style(parser)
    lengths = parser.add_argument_group("layout (in px, up to 512)")
    for name, meaning in _LENGTHS.items():
        add_value(lengths, f"--{name}", "PX", meaning, _length)
    meaning = "largest rotation of the lines in degrees, 0 to 45 (default: 0)"
    add_value(lengths, "--rotation", "DEG", meaning, WHOLE)
    meaning = "a3 to a6, letter or legal, or px such as 800x600 (default: as large as the text)"
    add_value(lengths, "--page-size", "SIZE", meaning)
    add_value(lengths, "--dpi", "N", "pixels per inch of a page, 30 to 1200 (default: 150)", WHOLE)
    add_effects(parser, pages=True)
    output.add_options(parser, PAGE_FORMATS, ", with the boxes of a single page")
    dataset_output.add_options(parser, SHARD_SIZE)


def run(options: argparse.Namespace) -> None:
    """Write the pages, then report what was written."""
    _check_source(options)
    dataset_output.choose_output(options, PAGE_FORMATS, "pages")
    source, characters = _source(options)
    if options.format == "png" and options.count > 1:
        raise RequestError(
            f"{options.count} pages do not fit into one PNG file; name a .pdf file, or a folder ending in /"
        )
    from scorp_runtime.generator import Generator

    model = model_for(options.model, digits_alone=characters <= {*string.digits, " ", "\n"})
    generator = Generator(model, threads=options.threads, backend=options.backend)
    spec = source(**_fields(options, generator))
    if options.is_folder:
        written = dataset_output.make_dataset(options, generator, spec)
    else:
        written = (_write_page if options.format == "png" else output.write_file)(options, generator, spec)
    presentation = {"presentation": dict(spec.presentation)} if spec.presentation else {}
    details = {**spec.text_parts()[1], "layout": dict(spec.layout), **presentation, **written}
    title = details.get("text", options.pattern or options.lines)
    subject = f"of {' / '.join(title.splitlines())} by {_writers(spec, details)} in {options.output}"
    output.report(options, generator, spec, subject, details)


def _check_source(options: argparse.Namespace) -> None:
    """Raise `RequestError` unless there is exactly one source of texts."""
    sources = {"TEXT": options.words, "--text": options.text}
    sources |= {"--lines": options.lines, "--pattern": options.pattern}
    given = [name for name, value in sources.items() if value not in ([], None)]
    if not given:
        raise RequestError("the following arguments are required: TEXT, OUTPUT (see scorp-gen text --help)")
    if len(given) > 1:
        raise RequestError(f"{' and '.join(given)} exclude each other; pass one of them")
    if options.transliterate and options.pattern is not None:
        raise RequestError("--transliterate is not for --pattern; write the pattern in ASCII")


def _source(options: argparse.Namespace) -> "tuple[Callable[..., PageSpec], Set[str]]":
    """Return what makes the spec out of the common fields, and the characters of the texts; set `options.count`."""
    from scorp_runtime.datasets.page_spec import LinesSpec, PatternSpec, TextSpec

    options.count, requested = options.count or 1, options.count
    if options.pattern is not None:
        from scorp_runtime.text.pattern import Pattern

        return partial(PatternSpec, pattern=options.pattern), Pattern(options.pattern).characters
    if options.lines is not None:
        from scorp_runtime.text.lines import open_lines

        lines = open_lines(Path(options.lines), in_ascii=options.transliterate)
        options.count = requested or lines.count
        source = partial(LinesSpec, lines=str(lines.path), lines_sha256=lines.sha256)
        return partial(source, transliterate=options.transliterate), lines.characters.keys()
    text = "\n".join(options.text or options.words)
    if options.transliterate:
        from scorp_runtime.text.transliterate import transliterate

        text = transliterate(text)
    return partial(TextSpec, text=text), set(text)


def _length(text: str) -> int:
    return -WHOLE(text[1:]) if text.startswith("-") else WHOLE(text)


def _fields(options: argparse.Namespace, generator: "Generator") -> dict[str, Any]:
    """Return the fields of the spec, except for the text."""
    from scorp_runtime.sampling.philox import read_seed

    names = [*(name.replace("-", "_") for name in _LENGTHS), *_SHEET]
    return {
        **output.spec_fields(options, generator),
        "count": options.count,
        "seed": read_seed(dataset_output.seed_or_known(options)),
        "layout": {name: length for name in names if (length := getattr(options, name)) is not None},
        "presentation": chosen_effects(options, pages=True),
        "shards": dataset_output.shard_count(options, options.count, SHARD_SIZE),
    }


def _write_page(options: argparse.Namespace, generator: "Generator", spec: "PageSpec") -> dict[str, Any]:
    """Write a PNG file and return its description, with the checksum of the pixels before inversion."""
    from scorp_runtime.formats.png import png_bytes

    with ImageMonitor(options, 1) as monitor:
        (sample,) = spec.job(generator, 0, monitor).samples()
    output.write_output(options, lambda stream: stream.write(png_bytes(sample.image, sample.address)))
    fields, objects = sample.fields, sample.fields["objects"]
    boxes = [[text, *box] for text, box in zip(objects["character"], objects["bbox"], strict=True)]
    page = {"index": fields["index"], "writer": fields["writer"], "boxes": boxes}
    return {"text": fields["text"], "pages": [page | {"pixels_sha256": monitor.pixels_sha256}]}


def _writers(spec: "PageSpec", details: dict[str, Any]) -> str:
    writer = details["pages"][0]["writer"] if "pages" in details else spec.writer
    if writer is not None:
        return f"writer {writer}"
    return "one writer" if spec.count == 1 else f"{spec.count} writers"
