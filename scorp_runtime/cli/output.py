"""What `draw` and `text` share: the format of OUTPUT, writing one file, and the report."""

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from scorp_runtime.errors import OutputError, RequestError
from scorp_runtime.formats import EXTENSIONS, REGISTRY, load_format

from .options import add_flag, chosen_styles
from .progress import ImageMonitor

if TYPE_CHECKING:
    from scorp_runtime.datasets.spec import DatasetSpec
    from scorp_runtime.generator import Generator

STDOUT = "-"


def add_options(parser: argparse.ArgumentParser, formats: Sequence[str], json_note: str = "") -> Any:
    """Add the options that control how and where results are written, and return their group."""
    group = parser.add_argument_group("output")
    group.add_argument(
        "--format", choices=formats, help="output format (default: by the extension of OUTPUT)"
    )
    add_flag(group, "--invert", "dark ink on white paper (default: white ink on black)")
    add_flag(group, "--force", "replace a folder made by scorp-gen, once the new one is complete")
    add_flag(group, "--no-clobber", "refuse to replace a file (default: files are replaced)")
    add_flag(group, "--json", f"print a description of the result as one line of JSON{json_note}")
    return group


def extensions(formats: Sequence[str]) -> dict[str, str]:
    """Return the formats that are one file, by extension."""
    return {EXTENSIONS[name]: name for name in formats if name in EXTENSIONS}


def output_format(
    output: str, requested: str | None, formats: Sequence[str], folder: str
) -> tuple[str, bool]:
    """Return the format of an output (a file, a folder or `STDOUT`), and whether it is a folder.

    `requested` is the value of `--format`, `formats` are those of the command, and `folder` is that of a folder without
    `--format`. An output that contradicts `--format`, has no known format, or is a terminal raises `RequestError`.
    """
    if output == STDOUT:
        if requested and requested not in EXTENSIONS:
            raise RequestError(f"the format {requested} is a folder and cannot go to stdout; name a folder")
        if not sys.stdout.writable():
            raise OutputError("cannot write to stdout: it is closed")
        if sys.stdout.isatty():
            raise RequestError("a terminal cannot show images; name a file (7.png) or a folder (digits/)")
        return requested or "png", False
    if not output:  # an unset shell variable, rather than the current folder
        raise RequestError("OUTPUT is empty; name a file or a folder")
    is_folder = output.endswith(("/", os.sep)) or Path(output).is_dir()
    if is_folder and requested and not REGISTRY[requested].datasets:
        raise RequestError(f"{output} is a folder, but --format {requested} is one file; name a file")
    if requested or is_folder:
        return requested or folder, is_folder or requested not in EXTENSIONS
    extension = Path(output).suffix.lower()
    known = extensions(formats)
    if extension not in known:
        wrong = f"unknown output format {extension!r}" if extension else f"{output!r} has no extension"
        raise RequestError(f"{wrong}; use {', '.join(known)}, a folder (ending in /), or --format")
    return known[extension], False


def spec_fields(options: argparse.Namespace, generator: "Generator") -> dict[str, Any]:
    """Return the fields that the specs of images and pages share, except those that `--count` decides."""
    fields = {name: getattr(options, name) for name in ("start", "writer", "format", "invert")}
    fields |= {"model": generator.model_file.place, "model_sha256": generator.model_sha256}
    return fields | {"styles": chosen_styles(options)}


def write_file(
    options: argparse.Namespace, generator: "Generator", spec: "DatasetSpec", **changes: Any
) -> dict[str, Any]:
    """Write one file, with `changes` of its job, and return the checksum of its pixels before inversion and scaling."""
    writer: Any = load_format(spec.format)  # a `FileFormat`
    with ImageMonitor(options, spec.count) as monitor:
        job = replace(spec.job(generator, 0, monitor), **changes)
        writer.check(job)
        write_output(options, partial(writer.write_file, job))
    return {"pixels_sha256": monitor.pixels_sha256}


def write_output(options: argparse.Namespace, write: Callable[[BinaryIO], object]) -> None:
    """Write stdout, or one file that appears whole or not at all; raise `OutputError` if that fails."""
    if options.output != STDOUT:
        from scorp_runtime.files.atomic import atomic_file

        with atomic_file(Path(options.output), replace=not options.no_clobber) as stream:
            write(stream)
        return
    try:
        write(sys.stdout.buffer)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise OutputError(f"cannot write to stdout: {error.strerror}") from error


def report(
    options: argparse.Namespace,
    generator: "Generator",
    spec: "DatasetSpec",
    subject: str,
    details: dict[str, Any],
) -> None:
    """Print what was written on stderr and, with `--json`, its description on stdout (stderr if images are there).

    `subject` follows the number of samples in the message, and `details` are added to the description.
    """
    if not options.quiet:
        number = f"1 {spec.sample}" if spec.count == 1 else f"{spec.count} {spec.sample}s"
        if "shard" in details:
            number = f"shard {details['shard']} of {spec.shards} ({number} in all)"
        if options.seed is None:
            print(f"scorp-gen: seed {spec.seed}; pass --seed {spec.seed} to repeat this run", file=sys.stderr)
        print(f"scorp-gen: {number} {subject}", file=sys.stderr)
    if not options.json:
        return
    names = ("format", "count", "seed", "start", "writer", "styles", "model_sha256", "invert")
    description = {
        "output": options.output,
        "model": generator.info.name,
        "model_version": generator.info.version,
        **{name: getattr(spec, name) for name in names},
        **details,
    }
    print(json.dumps(description), file=sys.stderr if options.output == STDOUT else sys.stdout)
