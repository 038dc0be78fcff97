"""The spec of a dataset on disk: everything that decides what its files hold, and nothing else."""

import shlex
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Self

from scorp_runtime.formats import REGISTRY
from scorp_runtime.formats.format import Shard
from scorp_runtime.formats.job import Job
from scorp_runtime.inference.batch import Images
from scorp_runtime.inference.engine import Engine
from scorp_runtime.sampling.philox import SPACE

if TYPE_CHECKING:
    from scorp_runtime.imaging.effects import Effects

Presentation = Mapping[str, int | str]
"""Effects by name, as `Effects.changes` returns them."""

Observer = Callable[[Images], object]

MOST_SHARDS = 1_000_000
"""With more, `provenance.json` gets too large."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetSpec(ABC):
    """Samples (images or pages) `start ... start + count - 1` of a seed, in `shards` parts of nearly the same size."""

    sample: ClassVar[str]
    """What one sample is called in messages."""
    formats: ClassVar[tuple[str, ...]]
    """The formats that a dataset of such samples may have."""
    local_files: ClassVar[tuple[str, ...]] = ("model",)
    """The fields that are names or paths on this machine."""

    model: str  # name of a bundled model, or path of another one
    model_sha256: str  # of the model file
    count: int
    seed: int
    start: int
    writer: int | None  # of all samples
    styles: Mapping[str, str]  # knob -> value or range, as on the command line
    format: str
    shards: int
    invert: bool  # whether ink is 0 and paper 255
    presentation: Presentation = field(default_factory=dict)

    def image_shape(self, engine: Engine) -> tuple[int, ...] | None:
        """Return the shape of every image: height and width in px, and 3 if it has colours; None if they differ."""
        return None

    @abstractmethod
    def job(self, engine: Engine, number: int, observe: Observer) -> Job:
        """Return what a format has to write for a shard; raise `RequestError` if the model cannot draw it.

        `observe` is called with images, uint8 (N, H, W), after effects and before inversion and scaling.
        """

    def job_fields(self, engine: Engine, part: range) -> dict[str, Any]:
        """Return the fields that all jobs have, for one part of the dataset."""
        return {
            "info": engine.info,
            "model_sha256": engine.model_sha256,
            "count": len(part),
            "seed": self.seed,
            "start": self.start + part.start,
            "last": self.start + self.count - 1,
            "invert": self.invert,
        }

    @abstractmethod
    def command_parts(self) -> tuple[list[str], dict[str, object]]:
        """Return the operands of a command that say what to draw, and further options; those of None are left out."""

    @classmethod
    def from_json(cls, document: object) -> Self:
        """Read what `to_json` returned, or raise `ValueError`."""
        try:
            values: dict[str, Any] = dict(document)  # type: ignore[call-overload]
            values["seed"], values["start"] = int(values["seed"]), int(values["start"])
            values["writer"] = None if values["writer"] is None else int(values["writer"])
            spec = cls(**values)
            has_sizes = 0 < spec.shards <= min(spec.count, MOST_SHARDS) and spec.count <= SPACE
            if has_sizes and spec.format in cls.formats:
                return spec
        except (TypeError, ValueError, KeyError, AttributeError, OverflowError):
            pass
        raise ValueError("not a spec of a dataset")

    def to_json(self) -> dict[str, Any]:
        """Return the fields for JSON; 64-bit integers as text, because many JSON readers hold numbers as doubles."""
        return asdict(self) | {
            "seed": str(self.seed),
            "start": str(self.start),
            "writer": None if self.writer is None else str(self.writer),
        }

    def differences(self, other: "DatasetSpec") -> list[str]:
        """Return the names of the fields in which two specs differ, except for paths."""
        if type(self) is not type(other):
            return ["kind of sample"]
        own, others = self.portable(), other.portable()
        names = [known.name for known in fields(self) if known.name not in self.local_files]
        return [name for name in names if own.get(name) != others.get(name)]

    def portable(self) -> dict[str, Any]:
        """Return `to_json` without the folders of files, which are only valid on this machine."""
        document = self.to_json()
        document |= {name: Path(document[name]).name for name in self.local_files}
        if paper := self.paper_file:
            document["presentation"] |= {"paper": Path(paper).name}
        return document

    @property
    def paper_file(self) -> str | None:
        """The path of the paper file, or None without one."""
        return str(self.presentation["paper"]) if "paper_sha256" in self.presentation else None

    def check_effects(self) -> None:
        """Raise `RequestError` if an effect is invalid; a paper file need not be there yet."""
        if self.presentation:
            from scorp_runtime.imaging.effects import Effects

            files = ("paper", "paper_sha256") if self.paper_file else ()
            Effects(**{name: value for name, value in self.presentation.items() if name not in files})  # type: ignore[arg-type]

    def read_effects(self) -> "Effects | None":
        """Return the effects; the module is only imported if there are some."""
        if not self.presentation:
            return None
        from scorp_runtime.imaging.effects import Effects

        effects = Effects(**self.presentation)  # type: ignore[arg-type]
        effects.check_invert(self.invert)
        return effects

    def effect_options(self) -> dict[str, object]:
        """Return the effects as options of a command; a file by its name."""
        options: dict[str, object] = dict(self.presentation)
        if options.pop("paper_sha256", None):
            options["paper"] = Path(str(options["paper"])).name
        return options

    def command(self) -> str:
        """Return a command that makes the same dataset in the folder OUTPUT."""
        operands, more = self.command_parts()
        words = ["scorp-gen", *operands, "OUTPUT/", "--format", self.format]
        words += ["--seed", str(self.seed), "--start", str(self.start), "--shards", str(self.shards)]
        options = {"writer": self.writer, **self.styles, **more}
        words += [f"--{name}={value}" for name, value in options.items() if value is not None]
        if self.invert:
            words.append("--invert")
        return shlex.join([*words, "--model", Path(self.model).name])

    def part(self, number: int) -> range:
        """Return the positions of the samples of a shard; shards are counted from 0."""
        return range(self.count * number // self.shards, self.count * (number + 1) // self.shards)

    def shard(self, number: int) -> Shard:
        """Return a shard, as formats need it."""
        extension = REGISTRY[self.format].extension
        return Shard(f"train-{number:05}-of-{self.shards:05}{extension}", self.part(number))
