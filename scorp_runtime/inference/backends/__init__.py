"""Backends that run a network: onnxruntime, or NumPy alone where onnxruntime is not available."""

import logging
import warnings
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, Protocol

from scorp_runtime.errors import RequestError, short_repr

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

BACKENDS = ONNXRUNTIME, NUMPY = "onnxruntime", "numpy"

Providers = Sequence[str | tuple[str, dict[str, Any]]]
"""Execution providers of onnxruntime in order of preference, with or without options."""

Inputs = tuple["npt.NDArray[np.float32]", "npt.NDArray[np.int64]", "npt.NDArray[np.float32]"]
"""Noise (N, Z), labels (N,) and styles (N, S)."""


class Backend(Protocol):
    """One network in one process; several threads may run it at once."""

    def run(self, inputs: Inputs) -> "npt.NDArray[np.uint8]":
        """Return the images, uint8 (N, H, W), of these inputs, or raise `ModelError`."""


def read_backend(backend: object, providers: Providers | None) -> str | None:
    """Return the name of the requested backend, None if the choice is left open; raise `RequestError` if invalid."""
    if backend is not None and not (isinstance(backend, str) and backend in BACKENDS):
        raise RequestError(f"backend must be {ONNXRUNTIME!r} or {NUMPY!r}, not {short_repr(backend)}")
    if providers is None:
        return None if backend is None else str(backend)
    if backend == NUMPY:
        raise RequestError("providers need the onnxruntime backend, not 'numpy'")
    if isinstance(providers, str) or not isinstance(providers, Sequence) or not providers:
        raise RequestError(f"providers must be a list of execution providers, not {short_repr(providers)}")
    return ONNXRUNTIME


@cache
def default_backend() -> str:
    """Return "onnxruntime" if it can be imported, else "numpy" with a `RuntimeWarning`, once per process."""
    try:
        import onnxruntime  # noqa: F401
    except ImportError as error:
        cause = error.__cause__ or error.__context__
        if cause is not None and not isinstance(cause, Exception):
            raise cause from None  # an interrupt during the import
        message = f"onnxruntime cannot be imported ({error}); using NumPy instead (same pixels, slower)"
        try:
            warnings.warn(message, RuntimeWarning, stacklevel=2)
        except RuntimeWarning:  # under `-W error`; a slower backend is not a failure
            logging.getLogger(__name__).warning(message)
        return NUMPY
    return ONNXRUNTIME


def open_backend(name: str, model: bytes, providers: Providers | None) -> Backend:
    """Set up the network of a model file; raise `ModelError` or `RequestError` if the backend cannot run it."""
    if name == NUMPY:
        from .numpy_network import NumpyNetwork

        return NumpyNetwork(model)
    from .onnxruntime_session import OnnxruntimeSession

    return OnnxruntimeSession(model, providers)
