"""Kill trainings, exports and dataset commands at random moments; check the files and what a rerun makes.

    python benchmarks/kills.py [--what training export dataset force workers] [--kills 100] [--seed 0]

SIGKILL ends the command at a random moment of its usual duration. Every file must then be complete, readable, or named
as temporary. The same command must then finish and leave exactly the files of an undisturbed run. Rates in logs are
ignored, and checkpoints are compared tensor by tensor.

- `workers` starts two more processes. The rerun begins while they may still run, and none may be left at the end.
- `force` replaces a dataset. After a kill, all of the old dataset or all of the new one must be there.

Commands run in forks of a process with all imports done. Prints a row per kind of command, and each run to stderr. The
exit code is 1 if anything was wrong.
"""

import argparse
import ctypes
import hashlib
import json
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib.backends.backend_agg
import matplotlib.figure  # noqa: F401
import numpy as np
import torch
import torch._dynamo  # otherwise imported by the first optimiser
from PIL import Image

from scorp_runtime import Generator
from scorp_runtime.cli.main import main as scorp_gen
from scorp_train.cli.export import main as scorp_export
from scorp_train.cli.train import main as scorp_train
from scorp_train.data.idx import format_idx
from scorp_train.data.idx_folder import FILES
from scorp_train.export import release as export_command
from scorp_train.training import trainer

TIMEOUT = 10  # s for workers to notice that their parent ended
SUBREAPER = 36  # PR_SET_CHILD_SUBREAPER: orphans become children of this process
LATEST = 1.1  # latest moment of a kill, relative to the duration of an undisturbed run
TEMPORARY = (".partial", ".old", ".new")
WHAT = {
    "training": "a training of 12 steps with all stages, and its export",
    "dataset": "datasets in turn: IDX, NPZ, a folder of PNG files, six shards with `--resume`",
    "force": "datasets that replace others, in turn: IDX, a folder of PNG files, six shards, the current directory",
    "export": "an export of a `dense` network",
    "workers": "the main process of `--workers 2 --resume` with twelve shards",
}
SMALL = (
    *("--epochs", "2", "--batch", "64", "--sample-steps", "3,9"),
    *("--code", "16", "--components", "4", "--factors", "2", "--first", "8", "--low", "16"),
    *("--discriminator-width", "8", "--codes-share", "0.5"),
)


@dataclass(frozen=True)
class Work:
    """A command that writes into a folder."""

    name: str
    main: Callable[[list[str]], int]
    words: Callable[[Path], list[str]]
    before: Path | None = None
    """A folder to copy before the command runs."""
    inside: bool = False
    """Whether the command runs in the dataset that it replaces; its files may then be left to the next run."""

    def run(self, at: Path) -> int:
        if self.inside:
            os.chdir(at / "a")
        return self.main(self.words(at))

    def prepare(self, at: Path) -> None:
        if self.before is None:
            at.mkdir()
        else:
            shutil.copytree(self.before, at)


def works(what: str, place: Path) -> list[Work]:
    """Return the commands of a kind; `place` gets the files that they need."""
    if what == "dataset":
        common = ["--seed", "1"]
        return [
            Work("idx", scorp_gen, lambda at: ["0-9", f"{at}/a/", "-n", "4000", "--format", "idx", *common]),
            Work("npz", scorp_gen, lambda at: ["0-9", f"{at}/a.npz", "-n", "2000", *common]),
            Work("png", scorp_gen, lambda at: ["0-9", f"{at}/a/", "-n", "300", *common]),
            Work(
                "shards",
                scorp_gen,
                lambda at: ["0-9", f"{at}/a/", "-n", "600", "--shards", "6", "--resume", *common],
            ),
        ]
    if what == "force":
        before = place / "before"
        before.mkdir()
        old = ["all", f"{before}/a/", "-n", "200", "--format", "idx", "--seed", "2"]
        assert in_child(lambda: scorp_gen(old)) == 0
        new = ["--seed", "1", "--force"]
        shards = ["-n", "600", "--shards", "6", "--resume"]
        return [
            Work(
                "idx",
                scorp_gen,
                lambda at: ["0-9", f"{at}/a/", "-n", "4000", "--format", "idx", *new],
                before,
            ),
            Work("png", scorp_gen, lambda at: ["0-9", f"{at}/a/", "-n", "300", *new], before),
            Work("shards", scorp_gen, lambda at: ["0-9", f"{at}/a/", *shards, *new], before),
            Work("current", scorp_gen, lambda at: ["0-9", "./", "-n", "300", *new], before, inside=True),
        ]
    if what == "workers":
        shards = ["-n", "6000", "--shards", "12", "--workers", "2", "--resume", "--seed", "1"]
        return [Work("workers", as_program, lambda at: ["0-9", f"{at}/a/", *shards])]
    data = place / "data"
    assert in_child(lambda: draw(data)) == 0
    common = ["--data", str(data), "--threads", "1"]
    if what == "training":
        return [Work("training", scorp_train, lambda at: [*common, "--runs", str(at), *SMALL])]
    # The fastest network: its export spends most of the time writing.
    trained = Work(
        "dense", scorp_train, lambda at: [*common, "--runs", str(at), "--network", "dense", "--epochs", "1"]
    )
    runs = place / "runs"
    assert in_child(lambda: trained.main(trained.words(runs))) == 0
    (run,) = runs.iterdir()
    return [Work("export", scorp_export, lambda at: [str(run), str(at)])]


def as_program(words: list[str]) -> int:
    """Replace this process by the command, so that its workers import the program and not this script."""
    os.execv(sys.executable, [sys.executable, "-m", "scorp_runtime", *words])


def left_alone() -> int:
    """Kill orphaned processes that do not end in time; return their number."""
    end = time.monotonic() + TIMEOUT
    while time.monotonic() < end:
        try:
            if os.waitpid(-1, os.WNOHANG) == (0, 0):
                time.sleep(0.01)
        except ChildProcessError:
            return 0
    children = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
    for child in map(int, children):
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    return len(children)


def draw(folder: Path) -> int:
    """Write a small training set of generated digits."""
    folder.mkdir()
    for files, count, start in ((FILES[:2], 384, 0), (FILES[2:], 64, 384)):
        batch = Generator().generate("0-9", count, seed=11, start=start)
        for name, array in zip(files, (batch.images, batch.labels.astype(np.uint8)), strict=True):
            (folder / name).write_bytes(format_idx(array))
    return 0


def in_child(run: Callable[[], int], seconds: float | None = None) -> int | None:
    """Run in a fork; return its exit code, or None if it was killed after `seconds`."""
    child = os.fork()
    if child == 0:
        code = 70
        try:
            silent = os.open(os.devnull, os.O_WRONLY)
            os.dup2(silent, 1)
            if "KILLS_SHOW" not in os.environ:
                os.dup2(silent, 2)
            code = run()
        finally:
            os._exit(code)
    if seconds is not None:
        end = time.monotonic() + seconds
        while time.monotonic() < end and not os.waitid(os.P_PID, child, os.WEXITED | os.WNOHANG | os.WNOWAIT):
            time.sleep(min(0.001, max(0, end - time.monotonic())))
        os.kill(child, signal.SIGKILL)  # has no effect on a process that ended
    _, status = os.waitpid(child, 0)
    return os.WEXITSTATUS(status) if os.WIFEXITED(status) else None


def contents(folder: Path) -> dict[str, str]:
    """Return a checksum of everything that must be equal, by path."""
    return {path.relative_to(folder).as_posix(): content(path) for path in files_of(folder)}


def files_of(folder: Path) -> list[Path]:
    """Return all files, also while workers rename some."""
    return sorted(Path(place) / name for place, _, names in os.walk(folder) for name in names)


def content(path: Path) -> str:
    digest = hashlib.sha256()
    if path.suffix == ".pt":
        state = torch.load(path, weights_only=True)
        digest.update(repr(sorted(flat(state).items())).encode())
    elif path.suffix == ".jsonl":
        for line in path.read_text().splitlines():
            fields = json.loads(line)
            fields.pop("images_per_second", None)
            digest.update(json.dumps(fields).encode())
    else:
        digest.update(path.read_bytes())
    return digest.hexdigest()


def flat(state: Any, name: str = "") -> dict[str, str]:
    """Return checksums of the tensors and numbers of a checkpoint, by path."""
    if isinstance(state, Mapping | list):
        items = state.items() if isinstance(state, Mapping) else enumerate(state)
        return {key: value for part, each in items for key, value in flat(each, f"{name}/{part}").items()}
    if isinstance(state, torch.Tensor):
        return {name: hashlib.sha256(state.numpy().tobytes()).hexdigest()}
    return {name: repr(state)}


def left_behind(folder: Path, expected: Mapping[str, str]) -> list[str]:
    """Return the problems with the files of a killed run."""
    wrong = []
    for path in files_of(folder):
        name = path.relative_to(folder)
        if any(part.endswith(TEMPORARY) for part in name.parts):
            continue
        try:
            read(path)
        except Exception as error:
            wrong.append(f"{name} is damaged: {error!r}")
        # Files that are written once must already be final.
        key = name.as_posix()
        if path.suffix not in (".pt", ".jsonl") and path.name != "curves.png" and ".begun" not in name.parts:
            if key not in expected:
                wrong.append(f"{name} is unexpected")
            elif content(path) != expected[key]:
                wrong.append(f"{name} differs")
    return wrong


def read(path: Path) -> None:
    """Read a file completely; raises the errors of its reader."""
    if path.suffix == ".pt":
        torch.load(path, weights_only=True)
    elif path.suffix == ".png":
        with Image.open(path) as image:
            image.load()
    elif path.suffix in (".json", ".jsonl"):
        lines = path.read_text().splitlines() if path.suffix == ".jsonl" else [path.read_text()]
        for number, line in enumerate(lines, 1):
            if number < len(lines) or path.suffix == ".json":  # the last line of a log may be truncated
                json.loads(line)


def kill_once(work: Work, place: Path, seconds: float, expected: Mapping[str, str]) -> tuple[bool, list[str]]:
    """Kill a command and run it again; return whether it was killed, and the problems."""
    killed = in_child(lambda: work.run(place), seconds) is None
    wrong = []
    if killed and work.before is None:
        wrong = left_behind(place, expected)
    elif killed and not work.inside and contents(place / "a") not in both(work, expected):
        wrong = ["the folder has neither the old nor the new dataset"]
    if killed and (code := in_child(lambda: work.run(place))) not in (0, None):
        if work.main in (scorp_gen, as_program) and code == 1 and contents(place) == dict(expected):
            return killed, wrong  # it was complete when killed, and is not overwritten without --force
        wrong.append(f"the rerun has exit code {code}")
    if work.main is as_program and (alone := left_alone()):
        wrong.append(f"{alone} processes are left")
    found = contents(place)
    wrong += [f"{name} is unexpected" for name in sorted(found.keys() - expected.keys())]
    wrong += [f"{name} is missing" for name in sorted(expected.keys() - found.keys())]
    wrong += [f"{name} differs" for name in sorted(found) if found[name] != expected.get(name, found[name])]
    wrong += [f"{path.name} is left" for path in place.rglob("*") if path.name.endswith(TEMPORARY)]
    return killed, wrong


def both(work: Work, expected: Mapping[str, str]) -> list[dict[str, str]]:
    """Return the contents of the old and of the new dataset."""
    assert work.before is not None
    new = {name.removeprefix("a/"): content for name, content in expected.items()}
    return [contents(work.before / "a"), new]


def undisturbed(work: Work, root: Path) -> tuple[float, dict[str, str]]:
    """Run the command twice; return the shorter duration in seconds, and the contents."""
    seconds, found = [], []
    for number in (1, 2):
        place = root / f"{work.name}-undisturbed-{number}"
        work.prepare(place)
        began = time.perf_counter()
        code = in_child(lambda place=place: work.run(place))  # type: ignore[misc]
        assert code == 0, f"{work.name} fails without a kill: {code}"
        seconds.append(time.perf_counter() - began)
        found.append(contents(place))
    assert found[0] == found[1], f"{work.name} writes different files each time"
    return min(seconds), found[0]


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--what", nargs="+", choices=WHAT, default=list(WHAT))
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    torch.set_num_threads(1)
    ctypes.CDLL(None).prctl(SUBREAPER, 1, 0, 0, 0)
    for number in (signal.SIGINT, signal.SIGTERM):  # background processes of a shell ignore SIGINT
        signal.signal(number, signal.default_int_handler)
    trainer.SCORED = export_command.SCORED = 100  # images, for speed
    print("| command | kills | ended before the kill | damaged files or different results |")
    print("| --- | --- | --- | --- |", flush=True)
    found_wrong = 0
    for what in options.what:
        with tempfile.TemporaryDirectory() as scratch:
            runs, wrong = kill_often(works(what, Path(scratch)), options.kills, options.seed, Path(scratch))
        print(f"| {WHAT[what]} | {options.kills} | {runs - options.kills} | {wrong} |", flush=True)
        found_wrong += wrong
    return int(found_wrong > 0)


def kill_often(jobs: list[Work], kills: int, seed: int, root: Path) -> tuple[int, int]:
    """Run the commands in turn until `kills` of them were killed; return the number of runs and of wrong ones."""
    quiet = {work.name: undisturbed(work, root) for work in jobs}
    seconds = {name: length for name, (length, _) in quiet.items()}
    moments, killed, runs, wrong = random.Random(seed), 0, 0, 0
    while killed < kills:
        work = jobs[runs % len(jobs)]
        place = root / f"{work.name}-{runs}"
        work.prepare(place)
        moment = moments.uniform(0, LATEST * seconds[work.name])
        began = time.perf_counter()
        was_killed, faults = kill_once(work, place, moment, quiet[work.name][1])
        shutil.rmtree(place)
        if was_killed:
            seconds[work.name] *= 1.03
        else:
            seconds[work.name] = (seconds[work.name] + time.perf_counter() - began) / 2
        killed, runs, wrong = killed + was_killed, runs + 1, wrong + bool(faults)
        problems = "".join(f"\n  after {moment:.2f} s: {fault}" for fault in faults)
        print(
            f"{work.name}, run {runs}: {killed} killed, {wrong} wrong{problems}", file=sys.stderr, flush=True
        )
    return runs, wrong


if __name__ == "__main__":
    sys.exit(main())
