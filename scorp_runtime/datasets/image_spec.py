"""The spec of a dataset of images of single characters."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from scorp_runtime.errors import RequestError, short_repr
from scorp_runtime.formats import IMAGE_FORMATS, REGISTRY
from scorp_runtime.formats.job import ImageJob
from scorp_runtime.inference.batch import Batch, images_at_once
from scorp_runtime.inference.engine import Engine
from scorp_runtime.sampling.class_shares import read_class_shares
from scorp_runtime.sampling.request import read_request

from .spec import DatasetSpec, Observer

_LARGEST_SCALE = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageSpec(DatasetSpec):
    """Images of classes, which are given as on the command line; see `DatasetSpec` for the common fields."""

    sample: ClassVar[str] = "image"
    formats: ClassVar[tuple[str, ...]] = tuple(name for name in IMAGE_FORMATS if REGISTRY[name].datasets)

    what: str
    per_class: str | None
    class_weights: str | None
    scale: int | None  # each pixel becomes `scale` x `scale` in PNG files; None is 1

    def __post_init__(self) -> None:
        self.check_effects()
        if self.scale is not None and not 0 < self.scale <= _LARGEST_SCALE:
            raise RequestError(f"--scale must be 1 to {_LARGEST_SCALE}, not {short_repr(self.scale)}")

    def command_parts(self) -> tuple[list[str], dict[str, object]]:
        """Return WHAT, and further options of a command; those of None are left out."""
        return [self.what], {
            "count": self.count if self.per_class is None else None,
            "per-class": self.per_class,
            "class-weights": self.class_weights,
            **self.effect_options(),
            "scale": self.scale,
        }

    def to_json(self) -> dict[str, Any]:
        """Return the fields for JSON, with the effects before the scale."""
        fields = DatasetSpec.to_json(self)
        return fields | {name: fields.pop(name) for name in ("presentation", "scale")}

    def image_shape(self, engine: Engine) -> tuple[int, ...]:
        """Return the shape of an image after effects: height and width in px, and 3 if it has colours."""
        effects = self.read_effects()
        return effects.shape(engine.image_shape) if effects else engine.image_shape

    def job(self, engine: Engine, number: int, observe: Observer) -> ImageJob:
        """Return what a format has to write for a shard; see `DatasetSpec.job`."""
        labels = read_class_shares(self.what, self.per_class, self.class_weights, engine.classes)
        address = self.count, self.seed, self.start
        request = read_request(
            engine.classes, engine.knobs, labels, *address, self.styles, writer=self.writer
        )
        part, effects, shape = self.part(number), self.read_effects(), self.image_shape(engine)
        size = images_at_once(shape)

        def draw() -> Iterator[Batch]:
            for offset in range(part.start, part.stop, size):
                batch = engine.draw(request, offset, min(size, part.stop - offset), effects=effects)
                observe(batch.images)
                yield batch

        return ImageJob(
            **self.job_fields(engine, part),
            image_shape=shape,
            draw=draw,
            writer=self.writer,
            effects=self.portable()["presentation"],
            scale=self.scale,
        )
