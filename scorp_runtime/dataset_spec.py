"""What a dataset on disk is made from: all that decides what its files hold, and nothing else."""

import shlex
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .address import SPACE
from .batch import Batch, pictures_at_once
from .class_shares import asked_labels
from .request import Request, read_request
from .writers import FOLDERS, SHARDS, STREAMS
from .writers.job import Job

if TYPE_CHECKING:
    from .generator import Generator
    from .presentation import Presentation

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
        writer: whose hand the pictures share, or None.
        styles: knob -> value or range, as the command line has them.
        presentation: what happens to the pictures after they are drawn, by name, as `Presentation` has it.
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
    writer: int | None
    styles: Mapping[str, str]
    presentation: Mapping[str, int]
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
            values["writer"] = None if values["writer"] is None else int(values["writer"])
            spec = cls(**values)
            if spec._is_sound():
                spec._presentation()
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
            "styles": dict(self.styles),
            "presentation": dict(self.presentation),
        }

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
        optional: dict[str, object] = {
            "per-class": self.per_class,
            "class-weights": self.class_weights,
            "writer": self.writer,
            **self.styles,
            **self.presentation,
            "scale": self.scale,
        }
        for name, value in optional.items():
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
        return read_request(
            generator.info, labels, self.count, self.seed, self.start, self.styles, writer=self.writer
        )

    def image_shape(self, generator: "Generator") -> tuple[int, int]:
        """Return the height and width of a picture as it is presented, in pixels."""
        presentation = self._presentation()
        return presentation.shape(generator.image_shape) if presentation else generator.image_shape

    def job(self, generator: "Generator", number: int, see: Callable[[Batch], None]) -> Job:
        """Return a shard as a job for a writer.

        Args:
            generator: of the model.
            number: of the shard.
            see: called with each batch as it was drawn and presented, before it is written.

        Raises:
            RequestError: if the model cannot do it, or the presentation is none.
        """
        request, part, presentation = self.request(generator), self.part(number), self._presentation()
        shape = self.image_shape(generator)
        size = pictures_at_once(shape)

        def draw() -> Iterator[Batch]:
            for offset in range(part.start, part.stop, size):
                batch = generator.draw(request, offset, min(size, part.stop - offset))
                if presentation:
                    batch = presentation.apply(batch)
                see(batch)
                yield batch

        return Job(
            info=generator.info,
            model_sha256=generator.model_sha256,
            image_shape=shape,
            count=len(part),
            seed=self.seed,
            start=self.start + part.start,
            draw=draw,
            index_digits=max(_FEWEST_DIGITS, len(str(self.start + self.count - 1))),
            writer=self.writer,
            presentation=self.presentation,
            invert=self.invert,
            scale=self.scale,
        )

    def _presentation(self) -> "Presentation | None":
        """Return the presentation; without one, nothing is imported for it."""
        if not self.presentation:
            return None
        from .presentation import Presentation

        return Presentation(**self.presentation)

    def _is_sound(self) -> bool:
        """Tell whether what was read is of the right types; what the model makes of it is for `request` to say."""
        numbers = [self.count, self.shards, 1 if self.scale is None else self.scale]
        texts = [self.model, self.what, self.per_class or "", self.class_weights or "", *self.styles.values()]
        return (
            all(type(number) is int and 0 < number <= SPACE for number in numbers)
            and all(isinstance(text, str) for text in texts)
            and self.shards <= self.count
            and self.format in (*FOLDERS, *SHARDS)
            and isinstance(self.presentation, Mapping)
            and all(type(value) is int for value in self.presentation.values())
        )
