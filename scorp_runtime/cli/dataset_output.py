"""Datasets in a folder: their options, shards, workers and engines."""

import argparse
import hashlib
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scorp_runtime.errors import OutputError, RequestError
from scorp_runtime.formats import load_format

from .options import COUNT, add_flag, add_value
from .output import output_format

if TYPE_CHECKING:
    from scorp_runtime.datasets.spec import DatasetSpec
    from scorp_runtime.datasets.workers import Map
    from scorp_runtime.generator import Generator


def add_options(parser: argparse.ArgumentParser, shard_size: int) -> None:
    """Add the options of datasets; `shard_size` is the size of a shard without `--shards`."""
    group = parser.add_argument_group("datasets (OUTPUT is a folder)")
    add_value(
        group, "--shards", "N", f"number of shards, 1 to 1000000 (default: {shard_size} samples each)", COUNT
    )
    add_value(group, "--workers", "N", "number of processes (default: 1)", COUNT, default=1)
    add_flag(group, "--resume", "continue an interrupted run of the same command")
    add_value(group, "--shard", "I/N", "only shard I of N, counted from 0; needs --seed", _shard)
    default = "default: processes on this machine"
    group.add_argument("--engine", choices=("dask", "ray"), help=f"cluster that makes shards ({default})")
    add_value(group, "--cluster", "ADDRESS", "address of a running cluster (default: a new one)")


def _shard(text: str) -> tuple[int, int]:
    match = re.fullmatch(r"(\d{1,18})/(\d{1,18})", text, re.ASCII)
    shard, shards = map(int, match.groups()) if match else (0, 0)
    if shard >= shards:
        raise argparse.ArgumentTypeError(f"{text[:40]!r} is not I/N with 0 <= I < N")
    return shard, shards


def choose_output(options: argparse.Namespace, formats: Sequence[str], folder: str) -> None:
    """Set `options.format` and `options.is_folder`, and refuse for a file the options of folders."""
    options.format, options.is_folder = output_format(options.output, options.format, formats, folder)
    if options.is_folder:
        return
    for name in ("shards", "resume", "shard", "engine", "cluster"):
        if getattr(options, name):
            raise RequestError(f"--{name} is only for a folder; end OUTPUT in /")
    if options.workers > 1:
        raise RequestError("--workers is only for a folder; end OUTPUT in /, or use --threads")


def shard_count(options: argparse.Namespace, samples: int, shard_size: int) -> int:
    """Return the number of shards for a number of samples, which does not depend on `--workers`; 1 for a file."""
    from scorp_runtime.datasets.spec import MOST_SHARDS

    if not options.is_folder:
        return 1
    if options.shard and options.shards not in (None, options.shard[1]):
        raise RequestError(f"--shards {options.shards} contradicts --shard I/{options.shard[1]}")
    number: int = options.shard[1] if options.shard else options.shards or -(-samples // shard_size)
    if number > min(samples, MOST_SHARDS):
        raise RequestError(
            f"{number} shards are too many; at most {min(samples, MOST_SHARDS)} for {samples} samples"
        )
    return number


def seed_or_known(options: argparse.Namespace) -> int | None:
    """Return the seed that was passed, or that of the dataset to resume; None for a random one."""
    if options.seed is not None or not options.is_folder:
        seed: int | None = options.seed
        return seed
    if options.shard:
        raise RequestError("--shard needs --seed, the same one for every shard")
    from scorp_runtime.datasets.shards import known_spec
    from scorp_runtime.files.atomic import real_path, replacement_path

    place = real_path(Path(options.output))
    known = (known_spec(replacement_path(place)) or known_spec(place)) if options.resume else None
    return None if known is None else known.seed


def make_dataset(options: argparse.Namespace, generator: "Generator", spec: "DatasetSpec") -> dict[str, Any]:
    """Make the dataset, or the shard of `--shard`.

    With shards, workers or an engine, the finished shards survive an interruption, and `--resume` continues. Otherwise
    the folder appears whole or not at all. With `--force`, the old dataset stays until the new one is complete. Returns
    what `--json` prints about it.
    """
    from scorp_runtime.datasets import manifest
    from scorp_runtime.datasets.shards import UNFINISHED, begin
    from scorp_runtime.datasets.workers import open_map
    from scorp_runtime.files.atomic import PARTIAL, real_path, replacement_path
    from scorp_runtime.files.locks import remove_abandoned

    job = replace(spec.job(generator, 0, lambda images: None), count=spec.count)
    load_format(spec.format).check(job)  # before any work
    place = real_path(Path(options.output))
    opened = _opened(options, spec)
    try:
        with open_map(options.engine, options.workers, options.cluster) as spread, opened as folder:
            if begin(spec, folder):
                _make_missing(options, generator, spec, folder, spread)
    finally:
        if not options.shard:  # what killed workers left; of the jobs of an array, the last one removes it
            for parent in (place, replacement_path(place)):
                remove_abandoned(parent / UNFINISHED, f".*{PARTIAL}")
    if options.shard:
        return {"shards": spec.shards, "shard": options.shard[0]}
    content = (place / manifest.FILE).read_bytes()
    return {"shards": spec.shards, "provenance_sha256": hashlib.sha256(content).hexdigest()}


def _make_missing(
    options: argparse.Namespace, generator: "Generator", spec: "DatasetSpec", folder: Path, spread: "Map"
) -> None:
    from scorp_runtime.datasets.shards import finish, make_shard, missing, write_shard

    from .progress import Progress

    numbers = missing(spec, folder, options.shard and options.shard[:1])
    if spread is map:
        make = partial(write_shard, generator, spec, folder.absolute())
    else:  # other processes have generators of their own, on this machine with the same backend
        backend = options.backend if options.engine else generator.backend
        make = partial(make_shard, spec, folder.absolute(), threads=options.threads, backend=backend)
    with Progress(options, sum(len(spec.part(number)) for number in numbers)) as progress:
        for row in spread(make, numbers):
            progress.advance(row.count)
    if not options.shard:
        finish(generator, spec, folder, checked=True)


def _opened(options: argparse.Namespace, spec: "DatasetSpec") -> AbstractContextManager[Path]:
    """Return the context that opens a folder for the dataset, and at its end moves it to `OUTPUT`.

    Raises `OutputError` if `OUTPUT` has contents that may not be added to or replaced.
    """
    from scorp_runtime.datasets.shards import UNFINISHED, known_spec
    from scorp_runtime.files import atomic

    folder = Path(options.output)
    place = atomic.real_path(folder)
    atomic.recover(place)
    replacement = atomic.replacement_path(place)
    if options.resume and (begun := known_spec(replacement)) and not begun.differences(spec):
        return _replacing(folder, atomic.resumable_folder(folder, resume=True))
    continues = options.resume or options.shard
    is_resumable = bool(continues or options.shards or options.workers > 1 or options.engine)
    names = {path.name for path in place.iterdir()} if place.is_dir() else set()
    # A job of an array may start just when another one begins the folder.
    is_new = not names or (continues and names == {UNFINISHED})
    known = None if is_new else known_spec(place)
    if known and continues:  # `begin` refuses another dataset
        is_new = not known.differences(spec) or not (options.resume and options.force)
    if is_new:
        stays = place.is_dir() and (place.samefile(os.curdir) or atomic.why_not_swapped(place))
        return nullcontext(folder) if is_resumable or stays else atomic.atomic_folder(folder, replace=False)
    if not options.force:
        has_begun = UNFINISHED in names or replacement.is_dir()
        hint = "--resume continues the dataset begun there, or " if has_begun else ""
        raise OutputError(f"the folder {folder} is not empty; {hint}--force replaces one made by scorp-gen")
    _refuse_foreign(folder)
    if is_resumable:
        return _replacing(folder, atomic.resumable_folder(folder, resume=options.resume))
    return _replacing(folder, atomic.atomic_folder(folder, replace=True))


@contextmanager
def _replacing(folder: Path, replacement: AbstractContextManager[Path]) -> Iterator[Path]:
    """Open a folder that replaces the dataset in another one, if that has no foreign file at the end."""
    with replacement as new:
        yield new
        _refuse_foreign(folder)


def _refuse_foreign(folder: Path) -> None:
    """Raise `OutputError` if a folder has anything but a dataset of scorp-gen."""
    from scorp_runtime.datasets.shards import first_foreign, known_spec

    if not folder.is_dir() or not any(folder.iterdir()):
        return
    known = known_spec(folder)
    if known is None:
        raise OutputError(f"cannot replace {folder}: scorp-gen did not make it; choose another folder")
    if foreign := first_foreign(known, folder):
        raise OutputError(
            f"cannot replace {folder}: {folder / foreign} is not part of its dataset; move it away"
        )
