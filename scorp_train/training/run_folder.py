"""Run folders: numbered, found again by their options, safe to come back to."""

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
NUMBERED = re.compile(r"(\d{5})-")
T = TypeVar("T")


class RunFolder:
    """One training's folder: options, statistics, checkpoint, pictures and, at its end, the exported model."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._held: int | None = None

    @classmethod
    def find(cls, runs: Path, plan: Plan, data: Mapping[str, Any]) -> "RunFolder | None":
        """Return the newest run that this plan requests and that was trained on this data; None without such a plan.

        No other process can use the run until it is released.

        Args:
            runs: the folder of the run folders.
            plan: the plan as requested.
            data: the `data_record` of the data as it is now.

        Raises:
            RunError: if only runs on other data match the plan, or another process uses the run.
        """
        matching = [run for run in reversed(cls._all(runs)) if run._fits(plan)]
        for run in matching:
            if same_data(run.document().get("data") or {}, data):
                run._claim()
                return run
        for run in matching:
            run.check_data(data)
        return None

    @classmethod
    def create(cls, runs: Path, plan: Plan, data: Mapping[str, Any]) -> "RunFolder":
        """Return a new run in a folder with the next number; `plan` is resolved, `data` a `data_record`."""
        # A folder without a file is of a training that was killed at its birth; its number is free.
        numbers = [
            int(match[1])
            for run in cls._all(runs)
            if (match := NUMBERED.match(run.path.name)) and run._begun()
        ]
        training = plan.training
        label = re.sub(r"\W+", "-", f"{training.model}-{Path(training.data).name}")
        run = cls(runs / f"{max(numbers, default=-1) + 1:05d}-{label}-{training.epochs}ep")
        run._create(plan, data)
        return run

    @classmethod
    def _all(cls, runs: Path) -> "list[RunFolder]":
        return [cls(folder) for folder in sorted(runs.glob("[0-9]*-*"))] if runs.is_dir() else []

    def _create(self, plan: Plan, data: Mapping[str, Any]) -> None:
        try:
            self.path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise RunError(f"cannot make the run folder {self.path}: {error.strerror}") from error
        self._claim()
        if self._begun():
            raise RunError(f"another training has just begun in {self.path}")
        self._write_document({**plan.to_json(), "data": data})

    def _write_document(self, document: Mapping[str, Any]) -> None:
        self.write_text(OPTIONS, json.dumps(document, indent=2) + "\n")

    def _claim(self) -> None:
        """Keep other trainings out; two at once would tear each other's checkpoints and log."""
        with suppress(OSError):  # no locks here
            self._held = try_lock(self.path)
            if self._held is None:
                raise RunError(f"another training is at work in {self.path}")

    def release(self) -> None:
        """Let other trainings in."""
        unlock(self._held)
        self._held = None

    def __getstate__(self) -> dict[str, Any]:
        return {"path": self.path, "_held": None}  # what one process holds, others do not

    def _begun(self) -> bool:
        return not self.path.is_dir() or any(not path.match(PARTIAL) for path in self.path.iterdir())

    def plan(self) -> Plan:
        """Return the resolved options of this run. Raises `RunError` if the folder is not a run."""
        return self._read(Plan.from_json)

    def document(self) -> dict[str, Any]:
        """Return everything in `options.json`. Raises `RunError` if the folder is not a run."""
        return self._read(dict)

    def check_data(self, data: Mapping[str, Any]) -> None:
        """Raise `RunError` unless this run was trained on the data of that `data_record`."""
        recorded = self.document().get("data")
        if not recorded:
            raise RunError(
                f"{self.path} does not record its data, as an older version made it; start a new run with --new"
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

    def _read(self, parse: Callable[[Any], T]) -> T:
        path = self.path / OPTIONS
        try:
            with decoding(RunError, path):
                return parse(json.loads(path.read_text(encoding="utf-8")))
        except ScorpError as error:
            raise RunError(f"{self.path} is not a run folder: {error}") from error

    def has_options(self) -> bool:
        """Whether the folder says that it is a run."""
        return (self.path / OPTIONS).is_file()

    def _fits(self, plan: Plan) -> bool:
        try:
            return plan.requests(self.plan())
        except RunError:
            return False

    def write_text(self, name: str, text: str) -> None:
        """Writes one file of the folder atomically."""
        with atomic_file(self.path / name) as stream:
            stream.write(text.encode())

    def statistics(self) -> Iterator[dict[str, Any]]:
        """The lines logged so far, in order; those that a crash cut short or a disk damaged are left out."""
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

    def tidy_up(self, step: int) -> None:
        """Removes what a killed run left: half-written files, and the lines of steps that will be done again."""
        for partial in self.path.glob(PARTIAL):
            partial.unlink()
        kept = [line for line in self.statistics() if line["step"] <= step]
        self.write_text(STATISTICS, "".join(json.dumps(line) + "\n" for line in kept))

    def append_statistics(self, line: dict[str, Any]) -> None:
        """Adds one line to the log. Raises `RunError` where the disk is full."""
        path = self.path / STATISTICS
        try:
            with path.open("a", encoding="utf-8") as stream:
                stream.write(json.dumps(line) + "\n")
        except OSError as error:
            raise RunError(f"cannot write {path}: {error.strerror}") from error
