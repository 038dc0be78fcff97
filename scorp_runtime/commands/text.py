"""Write a text in one hand, with a tight box around the ink of each character."""

import argparse
import hashlib
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import OutputError, RequestError
from .drawing import STDOUT, add_model, add_seed, add_style, asked_styles, say
from .numbers import count, whole

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..generator import Generator
    from ..layout import Layout
    from ..sequence import Page

EPILOG = """\
examples:
  scorp-gen --text 2026-11-21 date.png                a page, as large as it needs
  scorp-gen --text 12.50 --text 3.75 --writer 12 sum.png   two lines in a hand that can be used again
  scorp-gen --text 4071 -n 100 --seed 1 pages/        100 hands: PNG, Tesseract .box, boxes.csv and coco.json
"""

_LENGTHS = {
    "size": "height of the picture a character is cut from (default: the model's)",
    "spacing": "between neighbours' ink (default: a ninth of the size)",
    "spacing-jitter": "by which it varies (default: a 28th of the size)",
    "baseline-jitter": "by which characters leave the baseline (default: a 28th of the size)",
    "word-space": "that a space adds (default: 3/7 of the size)",
    "line-height": "from baseline to baseline (default: 8/7 of the size)",
    "margin": "around the ink (default: a seventh of the size)",
}


def add_options(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `scorp-gen --text TEXT`."""
    parser.add_argument(
        "output", metavar="OUTPUT", help="a .png file, a folder (ending in /), or - for stdout"
    )
    parser.add_argument("--text", action="append", metavar="TEXT", help="a line; may be given several times")
    group = parser.add_argument_group("pages")
    group.add_argument("-n", "--count", type=count, default=1, metavar="N", help="how many (default: 1)")
    add_seed(group)
    add_model(group)
    add_style(parser.add_argument_group("style (a number, or a range such as 2..5)"))
    lengths = parser.add_argument_group("page (in px)")
    for name, meaning in _LENGTHS.items():
        lengths.add_argument(f"--{name}", type=_length, metavar="PX", help=meaning)
    writing = parser.add_argument_group("writing")
    writing.add_argument("--invert", action="store_true", help="dark ink on white paper")
    writing.add_argument("--force", action="store_true", help="replace a folder of pages made before")
    writing.add_argument(
        "--json", action="store_true", help="tell what was made, with boxes, as one line of JSON"
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> None:
    """Write the pages, then tell what was made."""
    is_folder = options.output.endswith("/") or Path(options.output).is_dir()
    _check_output(options, is_folder)
    from ..address import read_seed
    from ..generator import Generator
    from ..layout import Layout

    generator = Generator(options.model, threads=options.threads, backend=options.backend)
    seed = read_seed(options.seed)
    layout = Layout(**{name.replace("-", "_"): getattr(options, name.replace("-", "_")) for name in _LENGTHS})
    text, styles = _understand(options, generator)
    made: list[dict[str, object]] = []
    pages = _pages(options, generator, text, styles, seed, layout, made)
    if is_folder:
        _write_folder(options, generator, pages)
    else:
        _write_picture(options, generator, next(pages))
    if options.seed is None:
        say(f"seed {seed}, drawn afresh: --seed {seed} writes the same again")
    hands = (
        f"writer {made[0]['writer']}"
        if len(made) == 1 or options.writer is not None
        else f"{len(made)} writers"
    )
    say(f"{len(made)} of {' / '.join(text.splitlines())} by {hands} in {options.output}")
    if options.json:
        model = {"model": generator.info.name, "model_sha256": generator.model_sha256}
        document = {
            "output": options.output,
            "text": text,
            "styles": styles,
            "seed": seed,
            **model,
            "pages": made,
        }
        print(json.dumps(document), file=sys.stderr if options.output == STDOUT else sys.stdout)


def _length(text: str) -> int:
    return -whole(text[1:]) if text.startswith("-") else whole(text)


def _check_output(options: argparse.Namespace, is_folder: bool) -> None:
    if options.output == STDOUT:
        if sys.stdout is None:  # as a shell's `>&-` leaves it
            raise OutputError("cannot write to stdout: it is closed")
        if sys.stdout.isatty():
            raise RequestError("a terminal shows no pictures: name a file such as date.png")
    elif not is_folder and Path(options.output).suffix.lower() != ".png":
        raise RequestError(
            f"a text is written as .png or into a folder (ending in /), not {options.output!r}"
        )
    if not is_folder and options.count > 1:
        raise RequestError(f"{options.count} pages need a folder: end the output in /")


def _understand(options: argparse.Namespace, generator: "Generator") -> tuple[str, dict[str, Any]]:
    """Return the text and the styles that are meant, be it in words."""
    from ..words import is_in_words, read_phrase

    text, styles = "\n".join(options.text), asked_styles(options)
    if "\n" in text or not is_in_words(text, generator.classes):
        return text, styles
    phrase = read_phrase(text, generator.info)
    if both := sorted(styles.keys() & phrase.styles.keys()):
        raise RequestError(f"--{both[0]} contradicts the words, which say {both[0]} too")
    return phrase.text, styles | phrase.styles


def _pages(
    options: argparse.Namespace,
    generator: "Generator",
    text: str,
    styles: dict[str, Any],
    seed: int,
    layout: "Layout",
    made: list[dict[str, object]],
) -> "Iterator[Page]":
    """Write the pages asked for, and note what they are."""
    for index in range(options.start, options.start + options.count):
        if options.received:
            raise KeyboardInterrupt
        page = generator.sequence(
            text,
            seed=seed,
            index=index,
            writer=options.writer,
            layout=layout,
            **styles,
        )
        boxes = [
            [character.text, character.box.x, character.box.y, character.box.width, character.box.height]
            for character in page.characters
        ]
        pixels = hashlib.sha256(page.image.tobytes()).hexdigest()
        made.append({"index": index, "writer": page.writer, "pixels_sha256": pixels, "boxes": boxes})
        yield page


def _write_picture(options: argparse.Namespace, generator: "Generator", page: "Page") -> None:
    from ..atomic import whole_file
    from ..writers.page_folder import save_page

    model = generator.info, generator.model_sha256
    if options.output == STDOUT:
        save_page(page, sys.stdout.buffer, *model, invert=options.invert)
        return
    with whole_file(Path(options.output)) as stream:
        save_page(page, stream, *model, invert=options.invert)


def _write_folder(options: argparse.Namespace, generator: "Generator", pages: Any) -> None:
    from ..atomic import whole_folder
    from ..writers import page_folder

    folder = Path(options.output)
    if folder.is_dir() and any(folder.iterdir()) and not (options.force and page_folder.is_ours(folder)):
        raise OutputError(
            f"the folder {folder} is not empty: --force replaces one of pages made by scorp-gen"
        )
    with whole_folder(folder, replace=options.force) as begun:
        page_folder.write(pages, generator.info, generator.model_sha256, begun, invert=options.invert)
