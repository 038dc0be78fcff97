"""The generator: draws images, datasets and pages with one model."""

import sys
import warnings
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, cast

from .errors import CountError, RequestError, StyleError, short_repr
from .inference.batch import Batch, Images
from .inference.engine import Engine
from .sampling import philox
from .sampling.request import read_request

if TYPE_CHECKING:
    import os

    from .datasets.dataset import Dataset
    from .datasets.line_dataset import LineDataset
    from .imaging.effects import Effects
    from .sampling.arguments import LabelsLike, StyleLike
    from .text.layout import Layout
    from .text.page import Page
    from .text.pattern import Pattern


class Generator(Engine):
    """Draws images with one model.

    A generator pickles by the path of its model, works after fork and spawn, and may be used from several threads.
    The arguments are those of `Engine`.

    Example:
        >>> from scorp_runtime import Generator
        >>> generator = Generator()
        >>> batch = generator.generate("0-9", count=100, seed=1, thickness=(2.0, 4.0))
        >>> batch.images.shape, batch.images.dtype
        ((100, 28, 28), dtype('uint8'))
        >>> generator.generate("7", thicknes=3.0)
        Traceback (most recent call last):
        scorp_runtime.errors.StyleError: unknown argument 'thicknes'; did you mean thickness?
    """

    def generate(
        self,
        labels: "LabelsLike | None" = None,
        count: int | None = None,
        *,
        thickness: "StyleLike | None" = None,
        slant: "StyleLike | None" = None,
        width: "StyleLike | None" = None,
        rarity: "StyleLike | None" = None,
        seed: int | None = None,
        start: int = 0,
        writer: int | None = None,
        effects: "Effects | None" = None,
        out: Images | None = None,
        **styles: "StyleLike | None",
    ) -> Batch:
        """Draw the images `start ... start + count - 1` of a seed.

        An image depends only on the model, its seed, index, label, styles, writer and effects. Batches, threads and
        machines do not change its pixels.

        Args:
            labels: a class position (`7`); a text (`"7"`, `"0-9"`, `"1,3,5-7"`, `"A-Z"`, `"all"`), whose classes
                alternate by index; a sequence with one label per image; `Weights` or `Counts`. None draws a label
                for each image.
            count: number of images. None is one per class named or label listed, else one.
            thickness: stroke thickness in px: a number, a range `(low, high)`, a list or array with one number per
                image, `Uniform(low, high)`, or a text (`"3.0"`, `"2..5"`). None follows the natural distribution
                of the class, given the other knobs.
            slant: slant in degrees, likewise.
            width: width in px, likewise.
            rarity: how unusual the forms are, likewise: 0 draws only common ones, 1 (the natural value) writes as
                people do, 2 prefers unusual ones. Not all models have this knob.
            seed: 0 to 2^64 - 1. None chooses a random seed, which is `Batch.seed`.
            start: index of the first image.
            writer: 0 to 2^64 - 1, for images in one handwriting, which is the same for every seed. None draws each
                image in a handwriting of its own.
            effects: effects to apply after drawing.
            out: uint8 array (count, H, W) to fill and return as `Batch.images`.
            **styles: further knobs of the model, likewise.

        Raises:
            RequestError: `LabelError`, `CountError`, `AddressError` or `StyleError` for an invalid argument, or
                if `out` or `effects` is invalid.
            ModelError: if the network fails.
        """
        _check_effects(effects)
        known = self._styles("generate", styles, thickness=thickness, slant=slant, width=width, rarity=rarity)
        request = read_request(self.classes, self.knobs, labels, count, seed, start, known, writer=writer)
        return self.draw(request, 0, request.count, out, effects)

    def iter_batches(
        self,
        labels: "LabelsLike | None" = None,
        count: int | None = None,
        *,
        batch_size: int = 256,
        thickness: "StyleLike | None" = None,
        slant: "StyleLike | None" = None,
        width: "StyleLike | None" = None,
        rarity: "StyleLike | None" = None,
        seed: int | None = None,
        start: int = 0,
        writer: int | None = None,
        effects: "Effects | None" = None,
        **styles: "StyleLike | None",
    ) -> Iterator[Batch]:
        """Draw the images of `generate` batch by batch, in constant memory.

        A batch has `batch_size` images; the last one may be smaller. Without `count`, batches continue to the last
        index of the seed, or to the last label listed. The other arguments and the errors are those of `generate`.
        An invalid argument raises at the call, not at the first batch.
        """
        size = philox.read_whole("batch_size", batch_size, 1, sys.maxsize, CountError)
        _check_effects(effects)
        known = self._styles(
            "iter_batches", styles, thickness=thickness, slant=slant, width=width, rarity=rarity
        )
        request = read_request(
            self.classes, self.knobs, labels, count, seed, start, known, writer=writer, endless=True
        )
        return (
            self.draw(request, offset, min(size, request.count - offset), effects=effects)
            for offset in range(0, request.count, size)
        )

    def dataset(
        self,
        classes: "LabelsLike | None" = None,
        length: int | None = None,
        *,
        thickness: "StyleLike | None" = None,
        slant: "StyleLike | None" = None,
        width: "StyleLike | None" = None,
        rarity: "StyleLike | None" = None,
        seed: int | None = None,
        start: int = 0,
        writer: int | None = None,
        effects: "Effects | None" = None,
        invert: bool = False,
        **styles: "StyleLike | None",
    ) -> "Dataset":
        """Return the images of `generate` as a sequence that draws them on access and stores nothing.

        `classes` are the `labels` of `generate`, and `length` is its `count`, at most `sys.maxsize`. To resume an
        epoch, pass the index of its next image as `start`. With `invert`, ink is 0 and paper 255, as with `--invert`
        on the command line. The other arguments and the errors are those of `generate`.
        """
        from .datasets.dataset import Dataset

        if "presentation" in styles:
            warnings.warn("presentation= is now effects=", DeprecationWarning, stacklevel=2)
            effects = cast("Effects | None", styles.pop("presentation"))
        known = self._styles("dataset", styles, thickness=thickness, slant=slant, width=width, rarity=rarity)
        request = read_request(self.classes, self.knobs, classes, length, seed, start, known, writer=writer)
        return Dataset(self, request, effects, invert=invert)

    def sequence(
        self,
        text: str,
        *,
        thickness: "StyleLike | None" = None,
        slant: "StyleLike | None" = None,
        width: "StyleLike | None" = None,
        rarity: "StyleLike | None" = None,
        seed: int | None = None,
        index: int = 0,
        writer: int | None = None,
        layout: "Layout | None" = None,
        effects: "Effects | None" = None,
        **styles: "StyleLike | None",
    ) -> "Page":
        """Write a text in one handwriting, with a tight box around the ink of each character.

        The other arguments and the errors are those of `generate`. A list or array of styles has one number per
        character of the text. Without `writer`, seed and index choose one, which is `Page.writer`.

        The text consists of single-character classes of the model, `-`, `.`, `/`, `,`, `:`, spaces and line feeds. Each
        `index` from 0 to 2^52 - 1 is another page, with other characters and, without `writer`, in another handwriting.
        Boxes are those of the ink before `blur` and `noise`; the effects `size` and `shift` are not for pages.
        """
        from .text.layout import Layout
        from .text.page import read_index, read_page_request, write_page

        _check_effects(effects)
        known = self._styles("sequence", styles, thickness=thickness, slant=slant, width=width, rarity=rarity)
        place = Layout() if layout is None else layout
        writing = read_page_request(self, text, seed, writer, place, effects, known)
        return write_page(self, writing, read_index(index))

    def lines(
        self,
        texts: "Pattern | Sequence[str] | os.PathLike[str]",
        length: int | None = None,
        *,
        thickness: "StyleLike | None" = None,
        slant: "StyleLike | None" = None,
        width: "StyleLike | None" = None,
        rarity: "StyleLike | None" = None,
        seed: int | None = None,
        start: int = 0,
        writer: int | None = None,
        layout: "Layout | None" = None,
        effects: "Effects | None" = None,
        invert: bool = False,
        **styles: "StyleLike | None",
    ) -> "LineDataset":
        """Return pages of many texts as a sequence that draws them on access and stores nothing.

        `texts` is a list of texts, a `Pattern`, or the `Path` of a UTF-8 file with one text per line. Without `length`,
        there are as many images as texts, and one for a pattern.

        The image at a position is that of `sequence` with the index `start + position`. Index `i` has text number `i`
        modulo the number of texts, or the text that the pattern draws from `seed` and `i`. With `invert`, ink is 0 and
        paper 255. The other arguments and the errors are those of `sequence`. A file that cannot be read raises
        `DatasetError`.
        """
        from .datasets.line_dataset import LineDataset
        from .text.layout import Layout
        from .text.lines import read_texts
        from .text.pages import Pages

        _check_effects(effects)
        known = self._styles("lines", styles, thickness=thickness, slant=slant, width=width, rarity=rarity)
        source, number = read_texts(texts)
        place = Layout() if layout is None else layout
        pages = Pages(self, source, seed, writer, place, effects, known)
        return LineDataset(pages, number if length is None else length, start, invert=invert)

    def _styles(
        self, method: str, others: dict[str, "StyleLike | None"], **named: "StyleLike | None"
    ) -> dict[str, "StyleLike"]:
        """Return the styles that are given; raise `StyleError` if one of `others` is not a knob of the model."""
        for name in others:
            if name not in self._knob_names:
                raise _unknown_argument(name, method, self._knob_names)
        return {name: value for name, value in (named | others).items() if value is not None}


def _check_effects(effects: object) -> None:
    if effects is not None:
        from .imaging.effects import Effects

        if not isinstance(effects, Effects):
            raise RequestError(f"effects must be an Effects or None, not {short_repr(effects)}")


def _unknown_argument(name: str, method: str, knobs: tuple[str, ...]) -> StyleError:
    from difflib import get_close_matches
    from inspect import signature

    known = [*knobs, *signature(getattr(Generator, method)).parameters]
    near = get_close_matches(name, known, 1)
    hint = f"did you mean {near[0]}?" if near else f"the model has the knobs {', '.join(knobs) or 'none'}"
    return StyleError(f"unknown argument {name!r}; {hint}")
