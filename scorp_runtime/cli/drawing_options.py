"""What `scorp-gen WHAT` and `scorp-gen --text` share: options, where the output goes, and words on stderr."""

import argparse
import hashlib
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from scorp_runtime.errors import OutputError, RequestError
from scorp_runtime.formats import EXTENSIONS, REGISTRY
from scorp_runtime.inference.backends import BACKENDS
from scorp_runtime.model.bundled import LETTERS

from .argument_types import count, whole

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

STDOUT = "-"
_MODEL = "name of a bundled model, or path to an .onnx file (default: {})"
_KNOBS = {
    "thickness": "stroke thickness in px",
    "slant": "slant to the right in degrees",
    "width": "width of the ink in px",
}
KNOB_OPTIONS = tuple(f"--{name}" for name in _KNOBS)


def add_seed(group: Any) -> None:
    """Declare the options that say which addresses are drawn, and in whose hand."""
    group.add_argument(
        "-s", "--seed", type=whole, metavar="S", help="seed, 0 to 2^64-1 (default: random, printed to stderr)"
    )
    group.add_argument(
        "--start", type=whole, default=0, metavar="I", help="index of the first sample (default: 0)"
    )
    group.add_argument(
        "--writer",
        type=whole,
        metavar="W",
        help="writer, 0 to 2^64-1; the same hand in every seed (default: any)",
    )


def add_model(group: Any, default: str = "digits") -> None:
    """Declare the option that names the model; `default` describes which one is used without it."""
    group.add_argument("--model", metavar="MODEL", help=_MODEL.format(default))


def add_model_operand(parser: argparse.ArgumentParser) -> None:
    """Declare the model of a command that is about one, as an operand or an option."""
    parser.add_argument("operand", metavar="MODEL", nargs="?", help=_MODEL.format("digits"))
    parser.add_argument("--model", metavar="MODEL", help=argparse.SUPPRESS)


def model_operand(options: argparse.Namespace) -> str | None:
    """Return the model that a command is about; None is the default.

    Raises:
        RequestError: if two are named.
    """
    operand: str | None = options.operand
    option: str | None = options.model
    if operand is not None and option is not None:
        raise RequestError(f"two models are named, {operand} and {option}; name one")
    return option if operand is None else operand


def add_drawing(group: Any) -> None:
    """Declare the options that say how a model draws."""
    group.add_argument(
        "--threads",
        type=_threads,
        metavar="N",
        help="number of threads, or auto (default: $SCORP_THREADS, or 1)",
    )
    group.add_argument("--backend", choices=BACKENDS, help="what runs the network (default: onnxruntime)")


def model_for(asked: str, model: str | None) -> str | None:
    """Return the model that was named, else the bundled one that draws what is asked for; None is the default."""
    has_capital = any("A" <= character <= "Z" for character in asked)
    return LETTERS if model is None and (has_capital or _names_letters(asked)) else model


def _names_letters(asked: str) -> bool:
    """Whether it is `a`, `a-z` or `a,3`: what is there instead is told by the model that has letters."""
    parts = [part.partition("-")[::2] for part in asked.split(",")]
    return all(len(end) <= 1 for ends in parts for end in ends) and any(map(str.isalpha, asked))


def add_style(group: Any) -> None:
    """Declare the options of the knobs."""
    for name, meaning in _KNOBS.items():
        group.add_argument(f"--{name}", metavar="V", help=f"{meaning} (default: natural variation)")


def asked_styles(options: argparse.Namespace) -> dict[str, Any]:
    """Return the knobs that the options set, by name."""
    asked = {name: getattr(options, name) for name in _KNOBS}
    return {name: value for name, value in asked.items() if value is not None}


def output_format(output: str, asked: str | None, formats: Sequence[str], folder: str) -> tuple[str, bool]:
    """Return the format that the option or the output's name tells, and whether it fills a folder.

    Args:
        output: as the command line has it.
        asked: for by `--format`, if it was.
        formats: that there are.
        folder: the one of them that a folder has when none is asked for.

    Raises:
        RequestError: if the two contradict each other or tell nothing, or the output is a terminal.
        OutputError: if stdout is closed.
    """
    if output == STDOUT:
        if asked and asked not in EXTENSIONS:
            raise RequestError("a folder cannot go to stdout")
        _refuse_terminal()
        return asked or "png", False
    if not output:  # a variable of a shell that is not set, rather than the current folder
        raise RequestError("the output has an empty name")
    is_folder = output.endswith(("/", os.sep)) or Path(output).is_dir()
    if is_folder and asked and not REGISTRY[asked].datasets:
        raise RequestError(f"{output} is a folder, but --format is {asked}")
    if asked or is_folder:
        return asked or folder, is_folder or asked not in EXTENSIONS
    extension = Path(output).suffix.lower()
    known = {EXTENSIONS[name]: name for name in formats if name in EXTENSIONS}
    if extension not in known:
        raise RequestError(f"{output!r} tells no format: end it in {', '.join(known)} or /, or give --format")
    return known[extension], False


def _refuse_terminal() -> None:
    if not sys.stdout.writable():
        raise OutputError("cannot write to stdout: it is closed")
    if sys.stdout.isatty():
        raise RequestError(
            "a terminal shows no pictures: name a file such as digits.png or a folder such as digits/"
        )


class Watch:
    """Sees the images of one file while they are drawn: sums them up, shows how far it is, and stops when asked.

    Args:
        options: of the command.
        count: of images to come.
    """

    def __init__(self, options: argparse.Namespace, count: int) -> None:
        from .progress import Progress

        self._received: list[int] = options.received
        self._pixels, self._progress = hashlib.sha256(), Progress(count, quiet=options.quiet)

    def __call__(self, images: "npt.NDArray[np.uint8]") -> None:
        """Take note of images, uint8 (N, H, W)."""
        if self._received:  # some libraries swallow the exception of a signal while they are imported
            raise KeyboardInterrupt
        self._pixels.update(images.data)
        self._progress.advance(len(images))

    def __enter__(self) -> "Watch":
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.close()

    @property
    def pixels_sha256(self) -> str:
        """The checksum of all pixels seen."""
        return self._pixels.hexdigest()


def add_replacing(group: Any) -> None:
    """Declare the options that say what may be replaced."""
    group.add_argument(
        "--force",
        action="store_true",
        help="replace a folder made by scorp-gen; the old one stays until the end",
    )
    group.add_argument(
        "--no-clobber", action="store_true", help="refuse to replace a file (default: files are replaced)"
    )


def write_output(output: str, write: Callable[[BinaryIO], object], *, replace: bool) -> None:
    """Write one file, whole or not at all, or stdout.

    Args:
        output: the file, or `STDOUT`.
        write: writes the contents to a stream.
        replace: whether an existing file may be replaced.

    Raises:
        OutputError: if that fails, or the file exists and may not be replaced.
    """
    if output != STDOUT:
        from scorp_runtime.files.atomic import whole_file

        with whole_file(Path(output), replace=replace) as stream:
            write(stream)
        return
    try:
        write(sys.stdout.buffer)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise OutputError(f"cannot write to stdout: {error.strerror}") from error


def say(options: argparse.Namespace, text: str) -> None:
    """Print a line on stderr, unless the command is to be quiet."""
    if not options.quiet:
        print(f"scorp-gen: {text}", file=sys.stderr)


def _threads(text: str) -> int | str:
    return text if text == "auto" else count(text)
