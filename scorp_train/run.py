"""Run folders: numbered, found again by their options, safe to come back to."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from scorp_runtime.atomic import whole_file
from scorp_runtime.errors import ScorpError
from scorp_train.errors import RunError
from scorp_train.options import Plan

OPTIONS = "options.json"
STATISTICS = "statistics.jsonl"
NUMBERED = re.compile(r"(\d{5})-")


class RunFolder:
    """One training's folder: options, statistics, checkpoint, pictures and, at its end, the exported model."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def find_or_create(cls, runs: Path, plan: Plan, fresh: bool) -> "RunFolder":
        """The newest run with exactly this plan, or a new folder with the next number; always new when `fresh`."""
        folders = sorted(runs.glob("[0-9]*-*")) if runs.is_dir() else []
        numbers = [int(match[1]) for folder in folders if (match := NUMBERED.match(folder.name))]
        if not fresh:
            for folder in reversed(folders):
                run = cls(folder)
                if run._has(plan):
                    return run
        training = plan.training
        label = re.sub(r"\W+", "-", f"{training.model}-{Path(training.data).name}")
        path = runs / f"{max(numbers, default=-1) + 1:05d}-{label}-{training.epochs}ep"
        try:
            path.mkdir(parents=True)
        except OSError as error:
            raise RunError(f"cannot make the run folder {path}: {error.strerror}") from error
        run = cls(path)
        run.write_text(OPTIONS, json.dumps(plan.to_json(), indent=2) + "\n")
        return run

    def plan(self) -> Plan:
        """The options this run was started with. Raises `RunError` when the folder is no run."""
        path = self.path / OPTIONS
        try:
            return Plan.from_json(json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError, ScorpError) as error:
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
        """The lines logged so far, in order; a last line that a crash cut short is left out."""
        path = self.path / STATISTICS
        if not path.exists():
            return
        for line in path.read_text(encoding="utf-8").splitlines():
            try:
                yield json.loads(line)
            except ValueError:
                return

    def tidy_up(self, step: int) -> None:
        """Removes what a killed run left: half-written files, and the lines of steps that will be done again."""
        for partial in self.path.glob(".*.partial"):
            partial.unlink()
        kept = [line for line in self.statistics() if line["step"] <= step]
        self.write_text(STATISTICS, "".join(json.dumps(line) + "\n" for line in kept))

    def append_statistics(self, line: dict[str, Any]) -> None:
        """Adds one line to the log."""
        with (self.path / STATISTICS).open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(line) + "\n")
