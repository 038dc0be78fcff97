"""Run folders: numbered, found again by their options, and locked while a training uses them."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

from scorp_runtime.errors import ScorpError
from scorp_runtime.files.atomic import atomic_file
from scorp_runtime.files.decoding import decoding
from scorp_runtime.files.locks import try_lock, unlock
from scorp_train.errors import RunError

from .data_record import describe_changes, same_data
from .options import Plan

OPTIONS = "options.json"
STATISTICS = "statistics.jsonl"
PARTIAL = ".*.partial"
T = TypeVar("T")


class RunFolder:
    """The folder of one training: options, statistics, checkpoint, samples and, at the end, the exported model."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock: int | None = None

    @classmethod
    def find(cls, runs: Path, plan: Plan, data: Mapping[str, Any]) -> "RunFolder | None":
        """Return the newest run that this plan requests and that was trained on this data; None without such a plan.

        The run is locked until it is released. `data` is the `data_record` of the data as it is now.

        Raises:
            RunError: if only runs on other data match the plan, or another process uses the run.
        """
        matching = [run for run in reversed(cls._all(runs)) if run._fits(plan)]
        for run in matching:
            if same_data(run.document().get("data") or {}, data):
                run._acquire()
                return run
        for run in matching:
            run.check_data(data)
        return None

    @classmethod
    def create(cls, runs: Path, plan: Plan, data: Mapping[str, Any]) -> "RunFolder":
        """Return a new, locked run with the next number; `plan` is resolved, `data` is a `data_record`.

        Raises:
            RunError: if the folder cannot be made, or another process has just made it.
        """
        # A folder without files is from a training that was killed before it wrote its options; reuse its number.
        numbers = [int(run.path.name.partition("-")[0]) for run in cls._all(runs) if run._has_files()]
        label = re.sub(r"\W+", "-", f"{plan.training.network}-{Path(plan.training.data).name}")
        run = cls(runs / f"{max(numbers, default=-1) + 1:05d}-{label}-{plan.training.epochs}ep")
        try:
            run.path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise RunError(f"cannot make the run folder {run.path}: {error.strerror}") from error
        run._acquire()
        if run._has_files():
            raise RunError(f"another training has just started in {run.path}")
        run._write_document({**plan.to_json(), "data": data})
        return run

    @classmethod
    def _all(cls, runs: Path) -> "list[RunFolder]":
        return [cls(path) for path in sorted(runs.glob("[0-9]*-*")) if re.match(r"\d{5,}-", path.name)]

    def _acquire(self) -> None:
        """Lock the folder: two trainings at once would damage each other's checkpoint and log."""
        with suppress(OSError):  # this file system has no locks
            self._lock = try_lock(self.path)
            if self._lock is None:
                raise RunError(f"another training is using {self.path}")

    def release(self) -> None:
        """Unlock the folder."""
        unlock(self._lock)
        self._lock = None

    def __getstate__(self) -> dict[str, Any]:
        return {"path": self.path, "_lock": None}  # a lock belongs to one process

    def _has_files(self) -> bool:
        return not self.path.is_dir() or any(not path.match(PARTIAL) for path in self.path.iterdir())

    def _fits(self, plan: Plan) -> bool:
        try:
            return plan.requests(self.plan())
        except RunError:
            return False

    def has_options(self) -> bool:
        """Return whether the folder has options, as a run does."""
        return (self.path / OPTIONS).is_file()

    def plan(self) -> Plan:
        """Return the resolved options of this run. Raises `RunError` if the folder is not a run."""
        return self._read(Plan.from_json)

    def document(self) -> dict[str, Any]:
        """Return everything in `options.json`. Raises `RunError` if the folder is not a run."""
        return self._read(dict)

    def _read(self, parse: Callable[[Any], T]) -> T:
        path = self.path / OPTIONS
        try:
            with decoding(RunError, path):
                return parse(json.loads(path.read_text(encoding="utf-8")))
        except ScorpError as error:
            raise RunError(f"{self.path} is not a run folder: {error}") from error

    def check_data(self, data: Mapping[str, Any]) -> None:
        """Raise `RunError` unless this run was trained on the data of that `data_record`."""
        recorded = self.document().get("data")
        if not recorded:
            raise RunError(
                f"{self.path} is from an older version and does not record its data; start a new run with --new"
            )
        if not same_data(recorded, data):
            raise RunError(
                f"{self.path} was trained on other data: {describe_changes(recorded, data)}; "
                "restore the data, or pass --new to scorp-train to start a new run"
            )

    def record_start(self, step: int, device: str, versions: Mapping[str, str]) -> None:
        """Record that training continues at this step with this device and these versions, if they have changed."""
        document = self.document()
        # Steps after the last checkpoint are repeated.
        starts = [start for start in document.get("starts", []) if start["step"] < step]
        now = {"device": device, "versions": dict(versions)}
        if not starts or {**starts[-1], **now} != starts[-1]:
            starts.append({"step": step, **now})
        if starts != document.get("starts"):
            self._write_document({**document, "starts": starts})

    def _write_document(self, document: Mapping[str, Any]) -> None:
        self._write(OPTIONS, json.dumps(document, indent=2) + "\n")

    def _write(self, name: str, text: str) -> None:
        with atomic_file(self.path / name) as stream:
            stream.write(text.encode())

    def statistics(self) -> Iterator[dict[str, Any]]:
        """Yield the logged lines in order, without those that a crash or a disk has damaged."""
        path = self.path / STATISTICS
        if not path.exists():
            return
        for text in path.read_bytes().splitlines():
            try:
                line = json.loads(text)
            except (ValueError, RecursionError):
                continue
            if isinstance(line, dict) and "kind" in line and isinstance(line.get("step"), int):
                yield line

    def append_statistics(self, line: dict[str, Any]) -> None:
        """Add a line to the log. Raises `RunError` if it cannot be written."""
        path = self.path / STATISTICS
        try:
            with path.open("a", encoding="utf-8") as stream:
                stream.write(json.dumps(line) + "\n")
        except OSError as error:
            raise RunError(f"cannot write {path}: {error.strerror}") from error

    def tidy_up(self, step: int) -> None:
        """Remove what a killed run left: partial files, and log lines of steps after `step`, which will be repeated."""
        for partial in self.path.glob(PARTIAL):
            partial.unlink()
        kept = [line for line in self.statistics() if line["step"] <= step]
        self._write(STATISTICS, "".join(json.dumps(line) + "\n" for line in kept))
