"""The engine: one model, loaded and ready to draw."""

import hashlib
import os
from collections.abc import Callable, Collection
from dataclasses import replace
from typing import Protocol

import numpy as np
import numpy.typing as npt

from scorp_runtime.errors import LabelError, ModelError, RequestError
from scorp_runtime.model import validation
from scorp_runtime.model.bundled import ModelFile, locate
from scorp_runtime.model.metadata import ModelInfo
from scorp_runtime.sampling import philox
from scorp_runtime.sampling import writer as writers
from scorp_runtime.sampling.knobs import Knob, requested_styles
from scorp_runtime.sampling.philox import Indices
from scorp_runtime.sampling.request import Request
from scorp_runtime.sampling.style_prior import StylePrior

from .backends import Backend, Inputs, Providers, default_backend, open_backend, read_backend
from .batch import Batch, Images, images_at_once, images_or_out
from .parallel import run_in_threads
from .threads import read_threads

MICRO_BATCH = 32
"""Images per run of the network, fewer if they are large, so that the activations stay in a core's cache."""

_State = tuple[ModelFile, int, str | None, Providers | None, str]  # what a pickle holds


class ImageEffects(Protocol):
    """Effects on drawn images, such as `Effects` of the room `imaging`."""

    def shape(self, drawn: tuple[int, int]) -> tuple[int, ...]:
        """Return the shape of an image that is drawn with the height and width `drawn`."""

    def apply_to_images(self, images: Images, seed: int, start: Indices) -> Images:
        """Return images with the effects applied."""


class Engine:
    """Loads a model and draws requests with it.

    The model file is read and validated at once. The network is set up for the first image, once per process.
    An engine may be pickled, sent to other processes, forked, and used from several threads at once.
    `Generator` adds the public methods, which read a request from arguments.

    Args:
        model: name of a bundled model, or a path (anything with a slash or ending in `.onnx`). None is `digits`.
        threads: number of threads that share the work of one call, 1 to 1024, or `"auto"` for all cores that
            this process may use. None reads `SCORP_THREADS`, then `ORT_INTRA_OP_NUM_THREADS`, then
            `OMP_NUM_THREADS`, and falls back to 1.
        backend: `"onnxruntime"` or `"numpy"`. None is onnxruntime if it is installed, else NumPy with a
            `RuntimeWarning`. Exact models draw the same pixels with both.
        providers: execution providers of onnxruntime in order of preference, as `onnxruntime.InferenceSession`
            accepts them. None is the CPU.

    Raises:
        ModelError: if the model is missing, damaged, or breaks the contract of the model format.
        RequestError: if another argument is invalid.
    """

    info: ModelInfo
    """Metadata of the model."""
    classes: tuple[str, ...]
    """Names of the classes. Labels are positions in this tuple."""
    knobs: tuple[Knob, ...]
    """The style inputs, in the order of the columns of `Batch.styles`."""
    image_shape: tuple[int, int]
    """Height and width of an image, in pixels."""
    noise_size: int
    """The number of columns of `noise` in `synthesize`."""
    model_file: ModelFile
    """Location of the model file."""
    model_sha256: str
    """SHA-256 of the model file, in hexadecimal."""
    threads: int
    """Number of threads that share the work of one call."""

    def __init__(
        self,
        model: str | os.PathLike[str] | None = None,
        *,
        threads: int | str | None = None,
        backend: str | None = None,
        providers: Providers | None = None,
    ) -> None:
        self.threads = read_threads(threads)
        self._requested_backend = read_backend(backend, providers)
        self._providers = providers
        self._load(locate(model))

    @property
    def backend(self) -> str:
        """Name of the backend that runs the network: `"onnxruntime"` or `"numpy"`."""
        return self._requested_backend or default_backend()

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self.info.name} {self.info.version}, {self.model_file.place}>"

    def labels_and_styles(
        self, request: Request, offset: Indices, count: int
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]:
        """Return the labels, int64 (count,), and styles, float32 (count, S), of images without drawing them.

        `offset` is the position of the first image within the request, or an array with the position of each.
        """
        index = request.place(offset)
        labels = request.labels.at(request.seed, index, offset, count)
        values = requested_styles(request.styles, request.seed, index, offset, count, self.knobs)
        given = tuple(request.styles)
        styles = self._style_prior.complete(values, given, labels, request.seed, index, request.writer)
        return labels, styles.astype(np.float32)

    def per_class(self, request: Request, except_for: Collection[str]) -> Request:
        """Return the request with other values of the styles that are set, except for the knobs of these names.

        Each image gets the value that is as unusual for its class as the requested one is for a median class, so that
        small and large characters look as if one pen wrote them.
        """
        count, first = request.count, request.place(0)
        values = requested_styles(request.styles, request.seed, first, 0, count, self.knobs)
        labels = request.labels.at(request.seed, first, 0, count)
        changed = {
            knob: self._style_prior.for_classes(values[:, knob], knob, labels)
            for knob in request.styles
            if self.knobs[knob].name not in except_for
        }
        return replace(request, styles={**request.styles, **changed})

    def draw(
        self,
        request: Request,
        offset: int,
        count: int,
        out: Images | None = None,
        effects: ImageEffects | None = None,
    ) -> Batch:
        """Draw `count` images of a request, starting with its image `offset`; `out` as for `generate`."""
        images, labels, styles = self._draw(request, lambda part: offset + part.start, count, out, effects)
        start = request.start + offset
        return Batch(images, labels, styles, request.seed, start, self.classes, self._knob_names)

    def draw_at(
        self,
        request: Request,
        offsets: npt.NDArray[np.uint64],
        out: Images,
        effects: ImageEffects | None = None,
    ) -> npt.NDArray[np.int64]:
        """Draw the images at any offsets of a request into `out` and return their labels, int64 (N,)."""
        return self._draw(request, lambda part: offsets[part], len(offsets), out, effects)[1]

    def synthesize(self, noise: npt.ArrayLike, labels: npt.ArrayLike, styles: npt.ArrayLike) -> Images:
        """Run the network on inputs of your own, for example to sweep a style.

        Args:
            noise: (N, Z), about standard normal; Z is `noise_size`.
            labels: integers (N,), positions in the class list.
            styles: (N, S), one column per knob, in the knobs' units.

        Returns:
            uint8 (N, H, W), 0 = paper, 255 = ink.

        Raises:
            RequestError: if an array has another shape, a number is not finite, or a label is not a class.
            ModelError: if the network fails.
        """
        positions = np.asarray(labels)
        if positions.ndim != 1 or positions.dtype.kind not in "iu":
            raise LabelError("labels must be a one-dimensional array of whole numbers")
        if len(positions) and not (positions.min() >= 0 and positions.max() < len(self.classes)):
            raise LabelError(f"labels must be class positions from 0 to {len(self.classes) - 1}")
        count, integers = len(positions), positions.astype(np.int64)
        reals = _real_matrix("noise", noise, (count, self.noise_size))
        knobs = _real_matrix("styles", styles, (count, len(self.knobs)))
        images = images_or_out(count, self.image_shape, None)
        self._run(lambda part: (reals[part], integers[part], knobs[part]), images)
        return images

    def _draw(
        self,
        request: Request,
        offset: Callable[[slice], Indices],
        count: int,
        out: Images | None,
        effects: ImageEffects | None,
    ) -> tuple[Images, npt.NDArray[np.int64], npt.NDArray[np.float32]]:
        """Draw images; `offset` returns the position within the request of the first, or each, of a slice of them."""
        images = images_or_out(count, effects.shape(self.image_shape) if effects else self.image_shape, out)
        labels = np.empty(count, np.int64)
        styles = np.empty((count, len(self.knobs)), np.float32)

        def inputs(part: slice) -> Inputs:
            first, size = offset(part), part.stop - part.start
            labels[part], styles[part] = self.labels_and_styles(request, first, size)
            index, width = request.place(first), self.noise_size
            noise = writers.normals(request.writer, request.seed, philox.Purpose.NOISE, index, size, width)
            return noise, labels[part], styles[part]

        def finish(part: slice, drawn: Images) -> Images:
            index = request.place(offset(part))
            return effects.apply_to_images(drawn, request.seed, index) if effects else drawn

        self._run(inputs, images, finish)
        return images, labels, styles

    def _run(
        self,
        inputs: Callable[[slice], Inputs],
        images: Images,
        finish: Callable[[slice, Images], Images] = lambda _, drawn: drawn,
    ) -> None:
        """Fill `images` in micro-batches.

        `inputs` returns the noise, labels and styles of a slice of the images, and `finish` the final images of a
        slice, from those that the network has drawn.
        """
        backend, count = self._backend(), len(images)
        size = min(self._micro_batch, images_at_once(images.shape[1:]))

        def run(first: int) -> None:
            part = slice(first, min(first + size, count))
            drawn = backend.run(inputs(part))
            if drawn.shape != (part.stop - first, *self.image_shape) or drawn.dtype != np.uint8:
                raise ModelError(f"the network returned {drawn.dtype} {drawn.shape}, not its declared output")
            images[part] = finish(part, drawn)

        run_in_threads(run, range(0, count, size), self.threads)

    def _backend(self) -> Backend:
        """Return the network of this process; set it up when first needed.

        A network does not survive a fork, so each process has its own. Two threads that arrive first together set up
        two and keep one. A lock would be worse: a fork could leave it locked for ever.
        """
        process = os.getpid()
        if process not in self._backends:
            opened = open_backend(self.backend, self._data, self._providers)
            self._backends.setdefault(process, opened)
        return self._backends[process]

    def _load(self, file: ModelFile) -> None:
        self.model_file = file
        self._data = file.read()
        try:
            self.info, self.noise_size, self.image_shape, size = validation.check(self._data)
        except ModelError as error:
            raise ModelError(f"model {file.place}: {error}") from None
        self.classes, self.knobs = self.info.classes, self.info.knobs
        self._knob_names = tuple(knob.name for knob in self.knobs)
        self.model_sha256 = hashlib.sha256(self._data).hexdigest()
        self._micro_batch = size.images_at_once(MICRO_BATCH)
        self._style_prior = StylePrior(self.knobs, [self.info.natural[name] for name in self.classes])
        self._backends: dict[int, Backend] = {}

    def __getstate__(self) -> _State:
        return self.model_file, self.threads, self._requested_backend, self._providers, self.model_sha256

    def __setstate__(self, state: _State) -> None:
        file, self.threads, self._requested_backend, self._providers, sha256 = state
        self._load(file)
        if self.model_sha256 != sha256:
            raise ModelError(f"model {file.place} has changed since the generator was pickled")


def _real_matrix(name: str, values: npt.ArrayLike, shape: tuple[int, int]) -> npt.NDArray[np.float32]:
    array = np.asarray(values)
    if array.shape != shape or array.dtype.kind not in "fiu":
        raise RequestError(f"{name} must be numbers of shape {shape}, not {array.dtype} {array.shape}")
    with np.errstate(over="ignore"):
        real = array.astype(np.float32)
    if not np.isfinite(real).all():
        raise RequestError(f"{name} must be finite in float32")
    return real
