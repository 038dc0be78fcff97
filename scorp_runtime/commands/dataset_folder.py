"""The part of `scorp-gen` that makes a dataset in a folder: its shards, workers and engines."""

import argparse
import hashlib
import os
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import OutputError, RequestError
from ..writers import FOLDERS, folder_form, stream_writer
from .numbers import count, whole

if TYPE_CHECKING:
    from ..dataset_spec import DatasetSpec
    from ..engines import Map
    from ..generator import Generator
    from ..shards import ShardRow


def add_options(group: Any, most: int) -> None:
    """Declare the options of datasets; `most` is the size of a shard when the number of shards is left open."""
    group.add_argument(
        "--shards", type=count, metavar="N", help=f"number of shards (default: {most} samples each)"
    )
    group.add_argument(
        "--workers", type=count, default=1, metavar="N", help="number of processes (default: 1)"
    )
    group.add_argument("--resume", action="store_true", help="continue where the same command stopped")
    group.add_argument("--shard", type=_shard, metavar="I/N", help="only shard I of N, counted from 0")
    group.add_argument("--engine", choices=("dask", "ray"), help="what runs the shards on other machines")
    group.add_argument("--cluster", metavar="ADDRESS", help="address of a running cluster of the engine")


def refuse_for_a_file(options: argparse.Namespace) -> None:
    """Raise `RequestError` if an option asks for what only a folder can have."""
    for name in ("shards", "resume", "shard", "engine", "cluster"):
        if getattr(options, name):
            raise RequestError(f"--{name} is for datasets in a folder, not for one file")
    if options.workers > 1:
        raise RequestError("--workers is for datasets in a folder; for one file there is --threads")


def shards(options: argparse.Namespace, samples: int, most: int, what: str) -> int:
    """Return into how many shards `samples` of `what` go: however many workers there are, the same files are made."""
    if options.shard and options.shards not in (None, options.shard[1]):
        raise RequestError(
            f"--shards {options.shards} contradicts --shard {options.shard[0]}/{options.shard[1]}"
        )
    number: int = options.shard[1] if options.shard else options.shards or -(-samples // most)
    from ..dataset_spec import MOST_SHARDS

    if number > MOST_SHARDS:
        raise RequestError(f"{number} shards are more than {MOST_SHARDS}: fewer {what}, or fewer --shards")
    if number > samples:
        raise RequestError(f"{number} shards are more than there are {what}: {samples}")
    return number


def known_seed(options: argparse.Namespace) -> int | None:
    """Return the seed asked for, or that of the dataset to go on with; None if a fresh one is to be drawn."""
    from ..shards import known_spec

    if options.seed is None and options.shard:
        raise RequestError("--shard needs --seed: each job would draw another one")
    known = known_spec(Path(options.output)) if options.seed is None and options.resume else None
    seed: int | None = options.seed
    return seed if known is None else known.seed


def make(options: argparse.Namespace, generator: "Generator", spec: "DatasetSpec") -> dict[str, object]:
    """Make the dataset, or the one shard that was asked for.

    With shards, workers or an engine the shards that are ready outlive whatever stops the run, and `--resume` goes on;
    else the folder appears whole or not at all.

    Returns:
        what there is to tell of it, for JSON.
    """
    from .. import provenance
    from ..atomic import PARTIAL, whole_folder
    from ..claims import remove_abandoned
    from ..engines import open_map
    from ..shards import BEGUN, begin

    _check(generator, spec)
    folder = Path(options.output)
    _make_room(options, folder)
    lasting = options.shards or options.workers > 1 or options.resume or options.shard or options.engine
    lasting = lasting or _stays(folder)
    try:
        with open_map(options.engine, options.workers, options.cluster) as spread:
            if not lasting:
                with whole_folder(folder, replace=options.force) as begun:
                    begin(spec, begun)
                    _make_missing(options, generator, spec, begun, spread)
            else:
                if options.force and not (options.resume or options.shard):
                    import shutil  # slow, and a file needs none of it

                    shutil.rmtree(os.path.realpath(folder), ignore_errors=True)
                if begin(spec, folder):
                    _make_missing(options, generator, spec, folder, spread)
    finally:
        remove_abandoned(folder / BEGUN, ".", PARTIAL)  # of workers that were ended
    if options.shard:
        return {"shards": spec.shards, "shard": options.shard[0]}
    manifest = (folder / provenance.FILE).read_bytes()
    return {"shards": spec.shards, "provenance_sha256": hashlib.sha256(manifest).hexdigest()}


def _check(generator: "Generator", spec: "DatasetSpec") -> None:
    """Refuse, before any work, what the format cannot hold."""
    writer = folder_form(spec.format) if spec.format in FOLDERS else stream_writer(spec.format)
    writer.check(replace(spec.job(generator, 0, lambda images: None), count=spec.count))


def _make_missing(
    options: argparse.Namespace, generator: "Generator", spec: "DatasetSpec", folder: Path, spread: "Map"
) -> None:
    from ..shards import finish, make_shard, missing, write_shard

    numbers = missing(spec, folder)
    if options.shard:
        numbers = [number for number in numbers if number == options.shard[0]]
    if spread is map:
        make = partial(write_shard, generator, spec, folder.absolute())
    else:  # other processes make and keep a generator of their own
        # What there is on this machine is found, and told if need be, once; another machine may have other things.
        backend = options.backend if options.engine else generator.backend
        make = partial(make_shard, spec, folder.absolute(), threads=options.threads, backend=backend)
    _follow(options, spec, numbers, spread(make, numbers))
    if not options.shard:
        finish(generator, spec, folder)


def _follow(
    options: argparse.Namespace, spec: "DatasetSpec", numbers: Sequence[int], rows: "Iterable[ShardRow]"
) -> None:
    from ..progress import Progress

    progress = Progress(sum(len(spec.part(number)) for number in numbers), quiet=options.quiet)
    try:
        for row in rows:
            if options.received:  # some libraries swallow the exception of a signal while they are imported
                raise KeyboardInterrupt
            progress.advance(row.count)
    finally:
        progress.close()


def _stays(folder: Path) -> bool:
    """Tell whether another folder cannot take this one's place: the current one, or one that is mounted."""
    return folder.is_dir() and (folder.samefile(Path.cwd()) or folder.is_mount())


def _make_room(options: argparse.Namespace, folder: Path) -> None:
    """Refuse a folder that holds something, unless it is to be gone on with, or replaced and ours."""
    from ..foreign import first_foreign
    from ..shards import BEGUN, known_spec

    if folder.exists() and not folder.is_dir():
        raise OutputError(f"cannot write {folder}: it is a file, not a folder")
    held = {path.name for path in folder.iterdir()} if folder.is_dir() else set()
    # A job of an array may come just when another one begins the folder.
    if not held or ((options.shard or options.resume) and held == {BEGUN}):
        return
    known = known_spec(folder)
    if known is not None and (options.resume or options.shard):
        return
    if not options.force:
        hint = "--resume goes on with the dataset begun there, " if BEGUN in held else ""
        raise OutputError(f"the folder {folder} is not empty: {hint}--force replaces one made by scorp-gen")
    if known is None:
        raise OutputError(f"the folder {folder} holds something that scorp-gen did not make: not replaced")
    if foreign := first_foreign(known, folder):
        raise OutputError(f"{folder / foreign} is not of the dataset in {folder}: not replaced")


def _shard(text: str) -> tuple[int, int]:
    number, slash, total = text.partition("/")
    shard = whole(number), count(total) if slash else 0
    if shard[0] >= shard[1]:
        raise argparse.ArgumentTypeError(f"{text[:40]!r} is not I/N with 0 <= I < N")
    return shard
