"""The generator: a model that draws pictures on demand."""

import hashlib
import os
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from . import address, contract
from . import writer as hand
from .batch import Batch
from .errors import CountError, ModelError, RequestError
from .knobs import Knob
from .layout import Layout
from .model_file import ModelFile, locate
from .model_info import ModelInfo
from .natural import NaturalStyles
from .request import Request, read_request
from .sequence import Page, write_page
from .session import Session

MICRO_BATCH = 64
"""Pictures per run of the network: few enough that its activations stay in a core's cache."""


class Generator:
    """Draws pictures with one model.

    The model file is read and checked here; the network is set up at the first picture, once in each process.
    A generator may be pickled, sent to other processes, forked with, and used from several threads at once.

    Args:
        model: None for the bundled digits, the name of another bundled model, or a path (anything with a slash
            or ending in `.onnx`).
        threads: that one run of the network may use.

    Raises:
        ModelError: if the model is missing, damaged, or breaks the contract of `docs/model-format.md`.
    """

    def __init__(self, model: str | os.PathLike[str] | None = None, *, threads: int = 1) -> None:
        self._threads = _read_threads(threads)
        self._load(locate(model))

    @property
    def info(self) -> ModelInfo:
        """What the model says of itself."""
        return self._terms.info

    @property
    def classes(self) -> tuple[str, ...]:
        """The names of the classes; labels are positions in it."""
        return self.info.classes

    @property
    def knobs(self) -> tuple[Knob, ...]:
        """The style inputs, in the order of the columns of `Batch.styles`."""
        return self.info.knobs

    @property
    def image_shape(self) -> tuple[int, int]:
        """Height and width of a picture, in pixels."""
        return self._terms.image_shape

    @property
    def model_file(self) -> ModelFile:
        """Where the model lies."""
        return self._file

    @property
    def model_sha256(self) -> str:
        """SHA-256 of the model file, in hexadecimal."""
        return self._sha256

    @property
    def threads(self) -> int:
        """How many threads one run of the network may use."""
        return self._threads

    def __repr__(self) -> str:
        return f"<Generator {self.info.name} {self.info.version} of {self._file.place}>"

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
            out: uint8 (count, H, W), filled and returned as `Batch.images`.
            **styles: knob = value. A number, an array with one number per picture, `Uniform(low, high)`, or a
                text (`"3.0"`, `"2..5"`). Knobs left open follow the natural distribution of the class, given
                the others.

        Raises:
            RequestError: `LabelError`, `CountError`, `AddressError` or `StyleError`, or for an `out` that does
                not fit.
            ModelError: if the network fails.
        """
        request = read_request(self.info, labels, count, seed, start, styles, writer=writer)
        return self._draw(request, 0, request.count, out)

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
        size = address.read_count(batch_size)
        if size == 0:
            raise CountError("batch_size must be at least 1")
        request = read_request(self.info, labels, count, seed, start, styles, writer=writer, endless=True)
        return (
            self._draw(request, offset, min(size, request.count - offset), None)
            for offset in range(0, request.count, size)
        )

    def sequence(
        self,
        text: str,
        *,
        seed: int | None = None,
        index: int = 0,
        writer: int | None = None,
        layout: Layout | None = None,
        **styles: object,
    ) -> Page:
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
        whose = address.read_writer(writer)
        return write_page(self, text, address.read_seed(seed), index, whose, layout or Layout(), styles)

    def _draw(self, request: Request, offset: int, count: int, out: npt.NDArray[np.uint8] | None) -> Batch:
        images = self._canvas(count, out)
        labels, styles = request.labels_and_styles(offset, count, self.knobs, self._natural)
        for first in range(0, count, MICRO_BATCH):
            part = slice(first, min(first + MICRO_BATCH, count))
            noise = hand.normals(
                request.writer,
                request.seed,
                address.Purpose.NOISE,
                request.start + offset + first,
                part.stop - first,
                self._terms.noise_size,
            )
            drawn = self._session().run(noise, labels[part], styles[part])
            if drawn.shape != images[part].shape or drawn.dtype != np.uint8:
                raise ModelError(f"the model drew {drawn.dtype} {drawn.shape}, against its own contract")
            images[part] = drawn
        return Batch(images, labels, styles, request.seed, request.start + offset)

    def _canvas(self, count: int, out: npt.NDArray[np.uint8] | None) -> npt.NDArray[np.uint8]:
        shape = (count, *self.image_shape)
        if out is None:
            return np.empty(shape, np.uint8)
        if not isinstance(out, np.ndarray) or out.shape != shape or out.dtype != np.uint8:
            got = f"{out.dtype} {out.shape}" if isinstance(out, np.ndarray) else repr(type(out).__name__)
            raise RequestError(f"out must be a uint8 array of shape {shape}, not {got}")
        if not out.flags.writeable:
            raise RequestError("out must be writeable")
        return out

    def _session(self) -> Session:
        """Return this process's session, made when first needed.

        A session does not survive a fork, so each process has its own. Two threads that come here first together
        make two, of which one is kept: cheaper than a lock, which a fork could leave locked for ever.
        """
        process = os.getpid()
        if process not in self._sessions:
            self._sessions.setdefault(process, Session(self._data, self._threads))
        return self._sessions[process]

    def _load(self, file: ModelFile) -> None:
        self._file = file
        self._data = file.read()
        try:
            self._terms = contract.check(self._data)
        except ModelError as error:
            raise ModelError(f"model {file.place}: {error}") from None
        self._sha256 = hashlib.sha256(self._data).hexdigest()
        self._natural = NaturalStyles(self.knobs, [self.info.natural[name] for name in self.classes])
        self._sessions: dict[int, Session] = {}

    def __getstate__(self) -> tuple[ModelFile, int, str]:
        return self._file, self._threads, self._sha256

    def __setstate__(self, state: tuple[ModelFile, int, str]) -> None:
        file, self._threads, sha256 = state
        self._load(file)
        if self._sha256 != sha256:
            raise ModelError(f"model {file.place} is another one than when the generator was pickled")


def _read_threads(threads: object) -> int:
    number = address.whole(threads)
    if number is None or not 1 <= number <= 1024:
        raise RequestError(f"threads must be a whole number from 1 to 1024, not {threads!r}")
    return number
