"""What runs a network: onnxruntime, or NumPy alone where there is no onnxruntime. A module each."""

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


class Backend(Protocol):
    """One network, ready to run, in one process; several threads may run it at once."""

    def run(
        self,
        noise: "npt.NDArray[np.float32]",
        labels: "npt.NDArray[np.int64]",
        styles: "npt.NDArray[np.float32]",
    ) -> "npt.NDArray[np.uint8]":
        """Return the pictures, uint8 (N, H, W), of noise (N, Z), labels (N,) and styles (N, S).

        Raises:
            ModelError: if the network fails, as a damaged one may.
        """


def read_backend(backend: object, providers: Providers | None) -> str | None:
    """Check the name of a backend; None stands for whichever there is.

    Raises:
        RequestError: for another name, or for execution providers of a backend that has none.
    """
    if backend is not None and not (isinstance(backend, str) and backend in BACKENDS):
        raise RequestError(f"backend must be {ONNXRUNTIME!r} or {NUMPY!r}, not {short_repr(backend)}")
    if providers is None:
        return None if backend is None else str(backend)
    if backend == NUMPY:
        raise RequestError("execution providers are onnxruntime's; the NumPy backend has none")
    if isinstance(providers, str) or not isinstance(providers, Sequence) or not providers:
        raise RequestError(f"providers must be a list of execution providers, not {short_repr(providers)}")
    return ONNXRUNTIME


def choose_backend(asked: str | None) -> str:
    """Return the name of the backend to use: the one asked for, else onnxruntime if it can be imported.

    Falling back to NumPy is told by one `RuntimeWarning` in each process.
    """
    return asked or _onnxruntime_or_numpy()


def open_backend(name: str, model: bytes, providers: Providers | None) -> Backend:
    """Set up a network.

    Raises:
        ModelError: if the backend cannot run the model.
        RequestError: if onnxruntime cannot be imported or lacks the first of the providers.
    """
    if name == NUMPY:
        from .numpy_network import NumpyNetwork

        return NumpyNetwork(model)
    from .onnxruntime_session import open_session

    return open_session(model, providers)


@cache
def _onnxruntime_or_numpy() -> str:
    try:
        import onnxruntime  # noqa: F401
    except ImportError as error:
        cause = error.__cause__ or error.__context__
        if cause is not None and not isinstance(cause, Exception):
            raise cause from None  # an interrupt that came during the import
        message = f"onnxruntime cannot be imported ({error}); drawing the same pictures, slower, with NumPy"
        try:
            warnings.warn(message, RuntimeWarning, stacklevel=2)
        except RuntimeWarning:  # under `-W error`; a slower backend is not a failure
            logging.getLogger(__name__).warning(message)
        return NUMPY
    return ONNXRUNTIME
