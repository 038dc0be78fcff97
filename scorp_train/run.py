"""Run folders: numbered, found again by their options, safe to come back to."""

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from scorp_runtime.atomic import whole_file
from scorp_runtime.claims import claim, release
from scorp_runtime.decoding import decoding
from scorp_runtime.errors import ScorpError
from scorp_train.errors import RunError
from scorp_train.options import Plan

OPTIONS = "options.json"
STATISTICS = "statistics.jsonl"
PARTIAL = ".*.partial"
NUMBERED = re.compile(r"(\d{5})-")


class RunFolder:
    """One training's folder: options, statistics, checkpoint, pictures and, at its end, the exported model."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._held: int | None = None

    @classmethod
    def find_or_create(cls, runs: Path, plan: Plan, fresh: bool) -> "RunFolder":
        """The newest run with exactly this plan, or a new folder with the next number; always new when `fresh`.

        It is this process' alone until it is released. Raises `RunError` where it is another's.
        """
        found = [cls(folder) for folder in sorted(runs.glob("[0-9]*-*"))] if runs.is_dir() else []
        if not fresh:
            for run in reversed(found):
                if run._has(plan):
                    run._claim()
                    return run
        # A folder without a file is of a training that was killed at its birth; its number is free.
        numbers = [
            int(match[1]) for run in found if (match := NUMBERED.match(run.path.name)) and run._begun()
        ]
        training = plan.training
        label = re.sub(r"\W+", "-", f"{training.model}-{Path(training.data).name}")
        run = cls(runs / f"{max(numbers, default=-1) + 1:05d}-{label}-{training.epochs}ep")
        run._create(plan)
        return run

    def _create(self, plan: Plan) -> None:
        try:
            self.path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise RunError(f"cannot make the run folder {self.path}: {error.strerror}") from error
        self._claim()
        if self._begun():
            raise RunError(f"another training has just begun in {self.path}")
        self.write_text(OPTIONS, json.dumps(plan.to_json(), indent=2) + "\n")

    def _claim(self) -> None:
        """Keep other trainings out; two at once would tear each other's checkpoints and log."""
        with suppress(OSError):  # no locks here
            self._held = claim(self.path)
            if self._held is None:
                raise RunError(f"another training is at work in {self.path}")

    def release(self) -> None:
        """Let other trainings in."""
        release(self._held)
        self._held = None

    def __getstate__(self) -> dict[str, Any]:
        return {"path": self.path, "_held": None}  # what one process holds, others do not

    def _begun(self) -> bool:
        return not self.path.is_dir() or any(not path.match(PARTIAL) for path in self.path.iterdir())

    def plan(self) -> Plan:
        """The options this run was started with. Raises `RunError` when the folder is no run."""
        path = self.path / OPTIONS
        try:
            with decoding(RunError, path):
                return Plan.from_json(json.loads(path.read_text(encoding="utf-8")))
        except ScorpError as error:
            raise RunError(f"{self.path} is not a run folder: {error}") from error

    def has_options(self) -> bool:
        """Whether the folder says that it is a run."""
        return (self.path / OPTIONS).is_file()

    def _has(self, plan: Plan) -> bool:
        try:
            return self.plan() == plan
        except RunError:
            return False

    def write_text(self, name: str, text: str) -> None:
        """Writes one file of the folder atomically."""
        with whole_file(self.path / name) as stream:
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
