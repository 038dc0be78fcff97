"""The engine: one model, loaded and ready to draw."""

import hashlib
import os
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from scorp_runtime.errors import LabelError, ModelError, RequestError
from scorp_runtime.model import validation
from scorp_runtime.model.bundled import ModelFile, locate
from scorp_runtime.model.metadata import ModelInfo
from scorp_runtime.sampling import philox
from scorp_runtime.sampling import writer as writers
from scorp_runtime.sampling.knobs import Knob
from scorp_runtime.sampling.philox import Indices
from scorp_runtime.sampling.request import Request
from scorp_runtime.sampling.style_prior import StylePrior

from .backends import Backend, Providers, choose_backend, open_backend, read_backend
from .batch import Batch, new_images
from .parallel import run_in_lanes
from .threads import read_threads

MICRO_BATCH = 32
"""Images per run of the network, unless they are large: few enough that the activations stay in a core's cache."""

_Drawn = tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64], npt.NDArray[np.float32]]
"""Images, labels and styles."""

_State = tuple[ModelFile, int, str | None, Providers | None, str]  # of a pickle


class Engine:
    """Loads a model and draws requests with it.

    The model file is read and checked here; the network is set up at the first image, once in each process.
    An engine may be pickled, sent to other processes, forked with, and used from several threads at once.
    `Generator` adds the public methods that read a request from arguments.

    Args:
        model: None for the bundled digits, the name of another bundled model, or a path (anything with a slash
            or ending in `.onnx`).
        threads: number of threads that draw parts of one call at once, 1 to 1024, or `"auto"` for all cores that
            this process may use. None reads `SCORP_THREADS`, then `ORT_INTRA_OP_NUM_THREADS`, then
            `OMP_NUM_THREADS`, and falls back to 1.
        backend: `"onnxruntime"`, `"numpy"`, or None: onnxruntime if it can be imported, else NumPy with a
            `RuntimeWarning`. Exact models draw the same pixels with both.
        providers: execution providers of onnxruntime in order of preference, as `onnxruntime.InferenceSession` takes
            them. None is the CPU.

    Raises:
        ModelError: if the model is missing, damaged, or breaks the contract of the model format.
        RequestError: if another argument is invalid.
    """

    def __init__(
        self,
        model: str | os.PathLike[str] | None = None,
        *,
        threads: int | str | None = None,
        backend: str | None = None,
        providers: Providers | None = None,
    ) -> None:
        self._threads = read_threads(threads)
        self._asked_backend = read_backend(backend, providers)
        self._providers = providers
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
        """How many threads may draw parts of one call at once."""
        return self._threads

    @property
    def backend(self) -> str:
        """What runs the network: `"onnxruntime"` or `"numpy"`."""
        return choose_backend(self._asked_backend)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.info.name} {self.info.version} of {self._file.place}>"

    def labels_and_styles(
        self, request: Request, offset: Indices, count: int
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]:
        """Return what `count` pictures of a request show, from its picture `offset` on, without drawing them.

        `offset` may also be an array with the offset of each picture.

        Returns:
            int64 (count,), float32 (count, S).
        """
        labels, styles = request.labels_and_styles(offset, count, self.knobs, self._natural)
        return labels, styles.astype(np.float32)

    def draw(
        self, request: Request, offset: int, count: int, out: npt.NDArray[np.uint8] | None = None
    ) -> Batch:
        """Draw `count` pictures of a request, from its picture `offset` on; `out` as for `generate`."""
        if out is None and 0 < count <= self._at_once:
            drawn = self._draw_part(self._backend(), request, offset, count)
        else:
            drawn = self._draw_parts(request, lambda part: offset + part.start, count, out)
        return Batch(*drawn, request.seed, request.start + offset)

    def draw_at(
        self, request: Request, offsets: npt.NDArray[np.uint64], out: npt.NDArray[np.uint8]
    ) -> npt.NDArray[np.int64]:
        """Draw the pictures at any offsets of a request into `out`, many per run of the network.

        Returns:
            Their labels, int64 (N,).
        """
        return self._draw_parts(request, lambda part: offsets[part], len(offsets), out)[1]

    def _draw_parts(
        self,
        request: Request,
        place: Callable[[slice], Indices],
        count: int,
        out: npt.NDArray[np.uint8] | None,
    ) -> _Drawn:
        """Draw pictures in micro-batches; `place` returns the offset, or the offsets, of a part of them."""
        backend = self._backend()
        images = self._canvas(count, out)
        labels = np.empty(count, np.int64)
        styles = np.empty((count, len(self.knobs)), np.float32)

        def draw(first: int) -> None:
            part = slice(first, min(first + self._at_once, count))
            images[part], labels[part], styles[part] = self._draw_part(
                backend, request, place(part), part.stop - first
            )

        run_in_lanes(draw, range(0, count, self._at_once), self._threads)
        return images, labels, styles

    def _draw_part(self, backend: Backend, request: Request, offset: Indices, count: int) -> _Drawn:
        """Draw a micro-batch: the picture of a request at `offset` and those behind it, or those at the offsets."""
        noise = writers.normals(
            request.writer,
            request.seed,
            philox.Purpose.NOISE,
            request.place(offset),
            count,
            self._terms.noise_size,
        )
        labels, styles = self.labels_and_styles(request, offset, count)
        return self._run(backend, noise, labels, styles), labels, styles

    def synthesize(
        self, noise: npt.ArrayLike, labels: npt.ArrayLike, styles: npt.ArrayLike
    ) -> npt.NDArray[np.uint8]:
        """Run the network on inputs of your own: to walk between two pictures, or to search for one.

        Args:
            noise: (N, Z), about standard normal.
            labels: (N,) whole numbers, positions in the class list.
            styles: (N, S), one column per knob, in the knobs' units.

        Returns:
            uint8 (N, H, W), 0 = paper, 255 = ink.

        Raises:
            RequestError: for arrays of other shapes, numbers that are not finite, or labels that name no class.
            ModelError: if the network fails.
        """
        positions = np.asarray(labels)
        if positions.ndim != 1 or positions.dtype.kind not in "iu":
            raise LabelError("labels must be a row of whole numbers")
        if len(positions) and not (positions.min() >= 0 and positions.max() < len(self.classes)):
            raise LabelError(f"labels are positions of classes, 0 to {len(self.classes) - 1}")
        count = len(positions)
        latent = _real_matrix("noise", noise, (count, self._terms.noise_size))
        knobs = _real_matrix("styles", styles, (count, len(self.knobs)))
        images = self._canvas(count, None)
        backend = self._backend()

        def draw(first: int) -> None:
            part = slice(first, min(first + self._at_once, count))
            images[part] = self._run(backend, latent[part], positions[part].astype(np.int64), knobs[part])

        run_in_lanes(draw, range(0, count, self._at_once), self._threads)
        return images

    def _run(
        self,
        backend: Backend,
        noise: npt.NDArray[np.float32],
        labels: npt.NDArray[np.int64],
        styles: npt.NDArray[np.float32],
    ) -> npt.NDArray[np.uint8]:
        """Run the network once."""
        drawn = backend.run(noise, labels, styles)
        if drawn.shape != (len(labels), *self.image_shape) or drawn.dtype != np.uint8:
            raise ModelError(f"the model drew {drawn.dtype} {drawn.shape}, against its own contract")
        return np.ascontiguousarray(drawn)  # a backend may return a view of another layout

    def _canvas(self, count: int, out: npt.NDArray[np.uint8] | None) -> npt.NDArray[np.uint8]:
        shape = (count, *self.image_shape)
        if out is None:
            return new_images(count, self.image_shape, "iter_batches")
        if not isinstance(out, np.ndarray) or out.shape != shape or out.dtype != np.uint8:
            got = f"{out.dtype} {out.shape}" if isinstance(out, np.ndarray) else repr(type(out).__name__)
            raise RequestError(f"out must be a uint8 array of shape {shape}, not {got}")
        if not out.flags.writeable:
            raise RequestError("out must be writeable")
        return out

    def _backend(self) -> Backend:
        """Return this process's network, made when first needed.

        A network does not survive a fork, so each process has its own. Two threads that come here first together
        make two, of which one is kept: cheaper than a lock, which a fork could leave locked for ever.
        """
        process = os.getpid()
        if process not in self._backends:
            opened = open_backend(self.backend, self._data, self._providers)
            self._backends.setdefault(process, opened)
        return self._backends[process]

    def _load(self, file: ModelFile) -> None:
        self._file = file
        self._data = file.read()
        try:
            self._terms = validation.check(self._data)
        except ModelError as error:
            raise ModelError(f"model {file.place}: {error}") from None
        self._sha256 = hashlib.sha256(self._data).hexdigest()
        self._at_once = self._terms.graph_size.images_at_once(MICRO_BATCH)
        self._natural = StylePrior(self.knobs, [self.info.natural[name] for name in self.classes])
        self._backends: dict[int, Backend] = {}

    def __getstate__(self) -> _State:
        return self._file, self._threads, self._asked_backend, self._providers, self._sha256

    def __setstate__(self, state: _State) -> None:
        file, self._threads, self._asked_backend, self._providers, sha256 = state
        self._load(file)
        if self._sha256 != sha256:
            raise ModelError(f"model {file.place} is another one than when the generator was pickled")


def _real_matrix(name: str, values: npt.ArrayLike, shape: tuple[int, int]) -> npt.NDArray[np.float32]:
    array = np.asarray(values)
    if array.shape != shape or array.dtype.kind not in "fiu":
        raise RequestError(f"{name} must be numbers of shape {shape}, not {array.dtype} {array.shape}")
    with np.errstate(over="ignore"):
        real = array.astype(np.float32)
    if not np.isfinite(real).all():
        raise RequestError(f"{name} must be finite in float32")
    return real
