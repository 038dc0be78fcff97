"""What a dataset of pictures, one of a class each, is made from."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from scorp_runtime.formats import FOLDER, SHARDS
from scorp_runtime.formats.job import Job, index_digits
from scorp_runtime.inference.batch import Batch, pictures_at_once
from scorp_runtime.sampling.class_shares import read_class_shares
from scorp_runtime.sampling.request import read_request

from .spec import DatasetSpec

if TYPE_CHECKING:
    from scorp_runtime.imaging.effects import Effects
    from scorp_runtime.inference.engine import Engine

    from .spec import See


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureSpec(DatasetSpec):
    """Pictures; what all datasets have is described by `DatasetSpec`.

    Attributes:
        what: the classes, as the command line has them.
        per_class: pictures of each class, as the command line has them, or None.
        class_weights: weight of each class, as the command line has them, or None.
        presentation: what happens to the pictures after they are drawn, by name, as `Effects` has it.
        scale: pixels per side that one pixel becomes, in PNG files; None is 1.
    """

    sample: ClassVar[str] = "image"
    formats: ClassVar[tuple[str, ...]] = (FOLDER, "idx", *SHARDS)

    what: str
    per_class: str | None
    class_weights: str | None
    presentation: Mapping[str, int]
    scale: int | None

    def words(self) -> tuple[list[str], dict[str, object]]:
        """Return the words of a command that say what is drawn, and further options by name; None is left out."""
        return [self.what], {
            "count": self.count if self.per_class is None else None,
            "per-class": self.per_class,
            "class-weights": self.class_weights,
            **self.presentation,
            "scale": self.scale,
        }

    def image_shape(self, generator: "Engine") -> tuple[int, int]:
        """Return the height and width of a picture as it is presented, in pixels."""
        presentation = self._presentation()
        return presentation.shape(generator.image_shape) if presentation else generator.image_shape

    def job(self, generator: "Engine", number: int, see: "See") -> Job:
        """Return a shard as a job for a writer; see `DatasetSpec.job`."""
        labels = read_class_shares(self.what, self.per_class, self.class_weights, generator.classes)
        request = read_request(
            generator.classes,
            generator.knobs,
            labels,
            self.count,
            self.seed,
            self.start,
            self.styles,
            writer=self.writer,
        )
        part, presentation, shape = self.part(number), self._presentation(), self.image_shape(generator)
        size = pictures_at_once(shape)

        def draw() -> Iterator[Batch]:
            for offset in range(part.start, part.stop, size):
                batch = generator.draw(request, offset, min(size, part.stop - offset))
                if presentation:
                    batch = presentation.apply(batch)
                see(batch.images)
                yield batch

        return Job(
            info=generator.info,
            model_sha256=generator.model_sha256,
            image_shape=shape,
            count=len(part),
            seed=self.seed,
            start=self.start + part.start,
            draw=draw,
            index_digits=index_digits(self.start + self.count - 1),
            writer=self.writer,
            presentation=self.presentation,
            invert=self.invert,
            scale=self.scale,
        )

    def is_sound(self) -> bool:
        """Tell whether what was read is of the right types; what the model makes of it is for `job` to say."""
        self._presentation()
        return (
            DatasetSpec.is_sound(self)
            and isinstance(self.what, str)
            and all(text is None or isinstance(text, str) for text in (self.per_class, self.class_weights))
            and (self.scale is None or (type(self.scale) is int and 0 < self.scale < 1 << 16))
            and isinstance(self.presentation, Mapping)
            and all(type(value) is int for value in self.presentation.values())
        )

    def _presentation(self) -> "Effects | None":
        """Return the presentation; without one, nothing is imported for it."""
        if not self.presentation:
            return None
        from scorp_runtime.imaging.effects import Effects

        return Effects(**self.presentation)
