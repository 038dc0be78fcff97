"""What a dataset on disk is made from: all that decides what its files hold, and nothing else."""

import shlex
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Self

from scorp_runtime.formats import STREAMS
from scorp_runtime.sampling.philox import SPACE

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from scorp_runtime.formats import AnyJob
    from scorp_runtime.inference.engine import Engine

    See = Callable[[npt.NDArray[np.uint8]], None]

MOST_SHARDS = 1_000_000
"""More make a provenance that no memory is meant for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetSpec(ABC):
    """Samples `start ... start + count - 1` of a seed, in `shards` parts of nearly the same size.

    Attributes:
        model: the name of a bundled model, or the path of another.
        model_sha256: of the model file.
        count: of samples: pictures, or pages.
        seed: of the samples.
        start: index of the first.
        writer: whose hand the samples share, or None.
        styles: knob -> value or range, as the command line has them.
        format: of the files.
        shards: number of parts.
        invert: whether ink is 0 and paper 255.
    """

    sample: ClassVar[str]
    """What one sample is called."""
    formats: ClassVar[tuple[str, ...]]
    """Those that a dataset of such samples may have."""

    model: str
    model_sha256: str
    count: int
    seed: int
    start: int
    writer: int | None
    styles: Mapping[str, str]
    format: str
    shards: int
    invert: bool

    @abstractmethod
    def image_shape(self, generator: "Engine") -> tuple[int, int] | None:
        """Return the height and width of every image, in pixels; None if they differ."""

    @abstractmethod
    def job(self, generator: "Engine", number: int, see: "See") -> "AnyJob":
        """Return a shard as a job for a writer.

        Args:
            generator: of the model.
            number: of the shard.
            see: called with images, uint8 (N, H, W), as they were drawn and presented, before they are written.

        Raises:
            RequestError: if the model cannot do it.
        """

    @abstractmethod
    def words(self) -> tuple[list[str], dict[str, object]]:
        """Return the words of a command that say what is drawn, and further options by name; None is left out."""

    @classmethod
    def from_json(cls, document: object) -> Self:
        """Read what `to_json` returned.

        Raises:
            ValueError: if it is something else.
        """
        try:
            values: dict[str, Any] = dict(document)  # type: ignore[call-overload]
            values["seed"], values["start"] = int(values["seed"]), int(values["start"])
            values["writer"] = None if values["writer"] is None else int(values["writer"])
            spec = cls(**values)
            if spec.is_sound():
                return spec
        except (TypeError, ValueError, KeyError, AttributeError, OverflowError):
            pass
        raise ValueError("no spec of a dataset")

    def to_json(self) -> dict[str, Any]:
        """Return the fields for JSON; addresses as text, as many JSON readers hold numbers as doubles."""
        return asdict(self) | {
            "seed": str(self.seed),
            "start": str(self.start),
            "writer": None if self.writer is None else str(self.writer),
        }

    def is_sound(self) -> bool:
        """Tell whether what was read is of the right types; what the model makes of it is for `job` to say."""
        return (
            all(type(number) is int and 0 < number <= SPACE for number in (self.count, self.shards))
            and all(isinstance(text, str) for text in (self.model, self.model_sha256, *self.styles.values()))
            and isinstance(self.invert, bool)
            and self.shards <= min(self.count, MOST_SHARDS)
            and self.format in self.formats
        )

    def differences(self, other: "DatasetSpec") -> list[str]:
        """Return the names of the fields in which two specs differ; the same model may lie at two places."""
        if type(self) is not type(other):
            return ["kind of sample"]
        names = [field.name for field in fields(self) if field.name != "model"]
        return [name for name in names if getattr(self, name) != getattr(other, name)]

    def command(self) -> str:
        """Return a command that makes the same dataset in the folder OUTPUT."""
        subject, more = self.words()
        told = ["scorp-gen", *subject, "OUTPUT/", "--format", self.format]
        told += ["--seed", str(self.seed), "--start", str(self.start), "--shards", str(self.shards)]
        optional = {"writer": self.writer, **self.styles, **more}
        told += [f"--{name}={value}" for name, value in optional.items() if value is not None]
        if self.invert:
            told.append("--invert")
        return shlex.join([*told, "--model", Path(self.model).name])

    def part(self, number: int) -> range:
        """Return the samples of shard `number` of 0 ... shards - 1, counted from the first of the dataset."""
        return range(self.count * number // self.shards, self.count * (number + 1) // self.shards)

    def file_name(self, number: int) -> str:
        """Return the name of the file of a shard, for formats in `writers.SHARDS`."""
        return f"train-{number:05}-of-{self.shards:05}{STREAMS[self.format]}"
