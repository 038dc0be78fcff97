"""What a dataset on disk is made from: all that decides what its files hold, and nothing else."""

import shlex
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .address import SPACE
from .class_shares import asked_labels
from .request import Request, read_request
from .writers import FOLDERS, SHARDS, STREAMS
from .writers.job import Job

if TYPE_CHECKING:
    from .batch import Batch
    from .generator import Generator

_BATCH = 256  # pictures drawn at a time
_FEWEST_DIGITS = 8  # of indices in names


@dataclass(frozen=True, slots=True)
class DatasetSpec:
    """Pictures `start ... start + count - 1` of a seed, in `shards` parts of nearly the same size.

    Attributes:
        model: the name of a bundled model, or the path of another.
        model_sha256: of the model file.
        what: the classes, as the command line has them.
        per_class: pictures of each class, as the command line has them, or None.
        class_weights: weight of each class, as the command line has them, or None.
        count: of pictures.
        seed: of the pictures.
        start: index of the first.
        styles: knob -> value or range, as the command line has them.
        format: of the files.
        shards: number of parts.
        invert: whether ink is 0 and paper 255.
        scale: pixels per side that one pixel becomes, in PNG files; None is 1.
    """

    model: str
    model_sha256: str
    what: str
    per_class: str | None
    class_weights: str | None
    count: int
    seed: int
    start: int
    styles: Mapping[str, str]
    format: str
    shards: int
    invert: bool
    scale: int | None

    @classmethod
    def from_json(cls, document: object) -> "DatasetSpec":
        """Read what `to_json` returned.

        Raises:
            ValueError: if it is something else.
        """
        try:
            values: dict[str, Any] = dict(document)  # type: ignore[call-overload]
            values["seed"], values["start"] = int(values["seed"]), int(values["start"])
            spec = cls(**values)
            if spec._is_sound():
                return spec
        except (TypeError, ValueError, KeyError, AttributeError, OverflowError):
            pass
        raise ValueError("no spec of a dataset")

    def to_json(self) -> dict[str, Any]:
        """Return the fields for JSON; seed and start as text, as many JSON readers hold numbers as doubles."""
        return asdict(self) | {"seed": str(self.seed), "start": str(self.start), "styles": dict(self.styles)}

    def differences(self, other: "DatasetSpec") -> list[str]:
        """Return the names of the fields in which two specs differ; the same model may lie at two places."""
        names = [field.name for field in fields(self) if field.name != "model"]
        return [name for name in names if getattr(self, name) != getattr(other, name)]

    def command(self) -> str:
        """Return a command that makes the same dataset in the folder OUTPUT."""
        words = ["scorp-gen", self.what, "OUTPUT/", "--format", self.format]
        if self.per_class is None:
            words += ["--count", str(self.count)]
        words += ["--seed", str(self.seed), "--start", str(self.start), "--shards", str(self.shards)]
        optional = {"per-class": self.per_class, "class-weights": self.class_weights, "scale": self.scale}
        for name, value in (optional | dict(self.styles)).items():
            words += [] if value is None else [f"--{name}={value}"]
        if self.invert:
            words.append("--invert")
        words += ["--model", Path(self.model).name]
        return shlex.join(words)

    def part(self, number: int) -> range:
        """Return the pictures of shard `number` of 0 ... shards - 1, counted from the first of the dataset."""
        return range(self.count * number // self.shards, self.count * (number + 1) // self.shards)

    def file_name(self, number: int) -> str:
        """Return the name of the file of a shard, for formats in `writers.SHARDS`."""
        return f"train-{number:05}-of-{self.shards:05}{STREAMS[self.format]}"

    def request(self, generator: "Generator") -> Request:
        """Return what is asked of the generator.

        Raises:
            RequestError: if the model cannot do it.
        """
        labels = asked_labels(self.what, self.per_class, self.class_weights, generator.classes)
        return read_request(generator.info, labels, self.count, self.seed, self.start, self.styles)

    def job(self, generator: "Generator", number: int, see: Callable[["Batch"], None]) -> Job:
        """Return a shard as a job for a writer.

        Args:
            generator: of the model.
            number: of the shard.
            see: called with each batch as it was drawn, before the writer gets it.
        """
        request, part = self.request(generator), self.part(number)

        def draw() -> "Iterator[Batch]":
            for offset in range(part.start, part.stop, _BATCH):
                batch = generator.draw(request, offset, min(_BATCH, part.stop - offset))
                see(batch)
                yield batch

        return Job(
            info=generator.info,
            model_sha256=generator.model_sha256,
            image_shape=generator.image_shape,
            count=len(part),
            seed=self.seed,
            start=self.start + part.start,
            draw=draw,
            index_digits=max(_FEWEST_DIGITS, len(str(self.start + self.count - 1))),
            invert=self.invert,
            scale=self.scale,
        )

    def _is_sound(self) -> bool:
        """Tell whether what was read is of the right types; what the model makes of it is for `request` to say."""
        numbers = [self.count, self.shards, 1 if self.scale is None else self.scale]
        texts = [self.model, self.what, self.per_class or "", self.class_weights or "", *self.styles.values()]
        return (
            all(type(number) is int and 0 < number <= SPACE for number in numbers)
            and all(isinstance(text, str) for text in texts)
            and self.shards <= self.count
            and self.format in (*FOLDERS, *SHARDS)
        )
