"""The generator: a model that draws images on demand."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from .inference.batch import Batch
from .inference.engine import Engine
from .sampling import philox
from .sampling.request import read_request

if TYPE_CHECKING:
    from .datasets.dataset import Dataset
    from .imaging.effects import Presentation
    from .text.layout import Layout
    from .text.page import Page


class Generator(Engine):
    """Draws images with one model.

    A generator pickles by the path of its model, survives fork and spawn, and may be used from several threads at once.
    The arguments are those of `Engine`.

    Example:
        >>> from scorp_runtime import Generator
        >>> batch = Generator().generate("0-9", count=100, seed=1)
        >>> batch.images.shape, batch.images.dtype
        ((100, 28, 28), dtype('uint8'))
    """

    def generate(
        self,
        labels: object = None,
        count: int | None = None,
        *,
        seed: int | None = None,
        start: int = 0,
        writer: int | None = None,
        out: npt.NDArray[np.uint8] | None = None,
        **styles: object,
    ) -> Batch:
        """Draw the pictures `start ... start + count - 1` of a seed.

        A picture depends on the model, its seed, its index, its label and its styles, and on nothing else: not on
        the batch it is drawn in, nor on the machine.

        Args:
            labels: what to draw: a class position (`7`), a text (`"7"`, `"0-9"`, `"1,3,5-7"`, `"A-Z"`, `"all"`),
                of which several classes take turns by index; a sequence with one label per picture; or None, which
                leaves the label to the address.
            count: of pictures. None is one for each class named or label listed, else one.
            seed: 0 to 2^64 - 1. None draws a fresh one, which `Batch.seed` tells.
            start: index of the first picture.
            writer: 0 to 2^64 - 1: one hand for all pictures, the same in every seed. None leaves each to its own.
            out: uint8 (count, H, W), filled in parts by all threads and returned as `Batch.images`.
            **styles: knob = value. A number, an array with one number per picture, `Uniform(low, high)`, or a
                text (`"3.0"`, `"2..5"`). Knobs left open follow the natural distribution of the class, given
                the others.

        Raises:
            RequestError: `LabelError`, `CountError`, `AddressError` or `StyleError`, or for an `out` that does
                not fit.
            ModelError: if the network fails.
        """
        request = read_request(self.classes, self.knobs, labels, count, seed, start, styles, writer=writer)
        return self.draw(request, 0, request.count, out)

    def iter_batches(
        self,
        labels: object = None,
        count: int | None = None,
        *,
        batch_size: int = 256,
        seed: int | None = None,
        start: int = 0,
        writer: int | None = None,
        **styles: object,
    ) -> Iterator[Batch]:
        """Draw the pictures that `generate` would, batch by batch in constant memory.

        Args:
            labels: as for `generate`.
            count: of pictures. None goes on for as long as the seed has addresses, or to the last label listed.
            batch_size: pictures per batch; the last batch may be smaller.
            seed: as for `generate`; the same for all batches.
            start: as for `generate`.
            writer: as for `generate`.
            **styles: as for `generate`.

        Raises:
            RequestError: at the call, not at the first batch.
        """
        size = philox.read_positive("batch_size", batch_size)
        request = read_request(
            self.classes, self.knobs, labels, count, seed, start, styles, writer=writer, endless=True
        )
        return (
            self.draw(request, offset, min(size, request.count - offset))
            for offset in range(0, request.count, size)
        )

    def dataset(
        self,
        classes: object = None,
        length: int | None = None,
        *,
        seed: int | None = None,
        start: int = 0,
        writer: int | None = None,
        presentation: "Presentation | None" = None,
        invert: bool = False,
        **styles: object,
    ) -> "Dataset":
        """Return the pictures that `generate` would draw as a sequence of which nothing is stored.

        Args:
            classes: what it shows, as the `labels` of `generate`.
            length: of the dataset, at most `sys.maxsize`; as the `count` of `generate`.
            seed: as for `generate`; `Dataset.seed` tells a fresh one.
            start: index of the first picture. To go on where an epoch stopped is to start there.
            writer: as for `generate`.
            presentation: what happens to the pictures after they are drawn: size, shift, noise and more.
            invert: whether ink is 0 and paper 255, as `--invert` on the command line.
            **styles: as for `generate`.

        Raises:
            RequestError: as for `generate`, or if the presentation is none.
        """
        from .datasets.dataset import Dataset

        request = read_request(self.classes, self.knobs, classes, length, seed, start, styles, writer=writer)
        return Dataset(self, request, presentation, invert=invert)

    def sequence(
        self,
        text: str,
        *,
        seed: int | None = None,
        index: int = 0,
        writer: int | None = None,
        layout: "Layout | None" = None,
        **styles: object,
    ) -> "Page":
        """Write a text as one hand would, with a tight box around the ink of each character.

        Args:
            text: classes of the model that are one character, `-`, `.`, `/`, `,`, `:`, spaces and line feeds.
            seed: as for `generate`.
            index: of the sequence, 0 to 2^52 - 1: other digits, and unless `writer` is given another hand.
            writer: as for `generate`; None draws one from the address, which `Page.writer` tells.
            layout: sizes and distances on the page.
            **styles: as for `generate`; an array has one number per character of the text.

        Raises:
            RequestError: of the kind that fits; `LabelError` names characters that cannot be written.
            ModelError: if the network fails.
        """
        from .text.layout import Layout
        from .text.page import read_index, read_page_request, write_page

        writing = read_page_request(self, text, seed, writer, Layout() if layout is None else layout, styles)
        return write_page(self, writing, read_index(index))
