"""The part of `scorp-gen` that makes a dataset in a folder: its shards, workers and engines."""

import argparse
import hashlib
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scorp_runtime.errors import OutputError, RequestError
from scorp_runtime.formats import load_format

from .argument_types import count, whole

if TYPE_CHECKING:
    from scorp_runtime.datasets.shards import ShardRow
    from scorp_runtime.datasets.spec import DatasetSpec
    from scorp_runtime.datasets.workers import Map
    from scorp_runtime.generator import Generator


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
    from scorp_runtime.datasets.spec import MOST_SHARDS

    if number > MOST_SHARDS:
        raise RequestError(f"{number} shards are more than {MOST_SHARDS}: fewer {what}, or fewer --shards")
    if number > samples:
        raise RequestError(f"{number} shards are more than there are {what}: {samples}")
    return number


def known_seed(options: argparse.Namespace) -> int | None:
    """Return the seed asked for, or that of the dataset to go on with; None if a fresh one is to be drawn."""
    from scorp_runtime.datasets.shards import known_spec
    from scorp_runtime.files.atomic import beside, real_path

    if options.seed is None and options.shard:
        raise RequestError("--shard needs --seed: each job would draw another one")
    seed: int | None = options.seed
    if seed is None and options.resume:
        place = real_path(Path(options.output))
        known = known_spec(beside(place)) or known_spec(place)
        seed = None if known is None else known.seed
    return seed


def make(options: argparse.Namespace, generator: "Generator", spec: "DatasetSpec") -> dict[str, object]:
    """Make the dataset, or the one shard that was asked for.

    With shards, workers or an engine, the shards that are ready outlive an interruption, and `--resume` continues;
    otherwise the folder appears whole or not at all. With `--force`, the old dataset stays until the new one is
    complete.

    Returns:
        what there is to tell of it, for JSON.
    """
    from scorp_runtime.datasets import manifest
    from scorp_runtime.datasets.shards import begin
    from scorp_runtime.datasets.workers import open_map
    from scorp_runtime.files.atomic import real_path

    _check(generator, spec)
    place = real_path(Path(options.output))
    opened = _opened(options, spec)
    try:
        with open_map(options.engine, options.workers, options.cluster) as spread, opened as folder:
            if begin(spec, folder):
                _make_missing(options, generator, spec, folder, spread)
    finally:
        _tidy(options, place)
    if options.shard:
        return {"shards": spec.shards, "shard": options.shard[0]}
    content = (place / manifest.FILE).read_bytes()
    return {"shards": spec.shards, "provenance_sha256": hashlib.sha256(content).hexdigest()}


def _check(generator: "Generator", spec: "DatasetSpec") -> None:
    """Refuse, before any work, what the format cannot hold."""
    job = replace(spec.job(generator, 0, lambda images: None), count=spec.count)
    load_format(spec.format).check(job)


def _make_missing(
    options: argparse.Namespace, generator: "Generator", spec: "DatasetSpec", folder: Path, spread: "Map"
) -> None:
    from scorp_runtime.datasets.shards import finish, make_shard, missing, write_shard

    numbers = missing(spec, folder, options.shard and options.shard[:1])
    if spread is map:
        make = partial(write_shard, generator, spec, folder.absolute())
    else:  # other processes make and keep a generator of their own
        # What there is on this machine is found, and told if need be, once; another machine may have other things.
        backend = options.backend if options.engine else generator.backend
        make = partial(make_shard, spec, folder.absolute(), threads=options.threads, backend=backend)
    _follow(options, spec, numbers, spread(make, numbers))
    if not options.shard:
        finish(generator, spec, folder, checked=True)


def _follow(
    options: argparse.Namespace, spec: "DatasetSpec", numbers: Sequence[int], rows: "Iterable[ShardRow]"
) -> None:
    from .progress import Progress

    progress = Progress(sum(len(spec.part(number)) for number in numbers), quiet=options.quiet)
    try:
        for row in rows:
            if options.received:  # some libraries swallow the exception of a signal while they are imported
                raise KeyboardInterrupt
            progress.advance(row.count)
    finally:
        progress.close()


def _tidy(options: argparse.Namespace, place: Path) -> None:
    """Remove what workers that were ended had begun; a job of an array leaves that to the last one."""
    from scorp_runtime.datasets.shards import UNFINISHED
    from scorp_runtime.files.atomic import PARTIAL, beside
    from scorp_runtime.files.locks import remove_abandoned

    if not options.shard:
        for folder in (place, beside(place)):
            remove_abandoned(folder / UNFINISHED, f".*{PARTIAL}")


def _opened(options: argparse.Namespace, spec: "DatasetSpec") -> AbstractContextManager[Path]:
    """Return what opens the folder to make the dataset in, and puts it in its place at the end.

    Raises:
        OutputError: if the folder of the options has contents that may not be added to or replaced.
    """
    from scorp_runtime.datasets.shards import UNFINISHED, known_spec
    from scorp_runtime.files.atomic import beside, real_path, recover, whole_folder, why_not_swapped

    folder = Path(options.output)
    place = real_path(folder)
    if place.exists() and not place.is_dir():
        raise OutputError(f"cannot write {folder}: it is a file, not a folder")
    recover(place)
    if options.resume and _same(known_spec(beside(place)), spec):
        return _replacing(options, folder, lasting=True)
    continues = options.resume or options.shard
    lasting = continues or options.shards or options.workers > 1 or options.engine
    held = {path.name for path in place.iterdir()} if place.is_dir() else set()
    # A job of an array may start just when another one begins the folder.
    is_new = not held or (continues and held == {UNFINISHED})
    known = None if is_new else known_spec(place)
    if known and continues:  # `begin` refuses another dataset
        is_new = _same(known, spec) or not (options.resume and options.force)
    if is_new:
        stays = place.is_dir() and (place.samefile(os.curdir) or why_not_swapped(place))
        return nullcontext(folder) if lasting or stays else whole_folder(folder, replace=False)
    if not options.force:
        begun = UNFINISHED in held or beside(place).is_dir()
        hint = "--resume goes on with the dataset begun there, " if begun else ""
        raise OutputError(f"the folder {folder} is not empty: {hint}--force replaces one made by scorp-gen")
    _check_own(folder)
    if reason := why_not_swapped(place):
        raise OutputError(f"cannot replace the folder {folder}: {reason}")
    return _replacing(options, folder, lasting=bool(lasting))


def _same(known: "DatasetSpec | None", spec: "DatasetSpec") -> bool:
    return known is not None and not known.differences(spec)


@contextmanager
def _replacing(options: argparse.Namespace, folder: Path, *, lasting: bool) -> Iterator[Path]:
    """Open a folder that replaces the dataset in another one, if that still holds nothing else at the end."""
    from scorp_runtime.files.atomic import lasting_folder, whole_folder

    new = lasting_folder(folder, resume=options.resume) if lasting else whole_folder(folder, replace=True)
    with new as place:
        yield place
        _check_own(folder)


def _check_own(folder: Path) -> None:
    """Raise `OutputError` if a folder holds anything else than a dataset of ours."""
    from scorp_runtime.datasets.ownership import first_foreign
    from scorp_runtime.datasets.shards import known_spec

    if not folder.is_dir() or not any(folder.iterdir()):
        return
    known = known_spec(folder)
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
