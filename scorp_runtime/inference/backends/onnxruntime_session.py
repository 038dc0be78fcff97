"""The onnxruntime backend."""

from typing import Any

import numpy as np
import numpy.typing as npt

from scorp_runtime.errors import ModelError, RequestError, printable

from . import Inputs, Providers

_CPU, _CUDA = "CPUExecutionProvider", "CUDAExecutionProvider"
_OUT_OF_MEMORY = ("bad_alloc", "Failed to allocate")


class OnnxruntimeSession:
    """A session that is quiet while idle: one thread, no spinning and no memory arena.

    A small network gains nothing from the defaults of onnxruntime, which keep one core per thread busy between calls.
    `Engine` runs the session from several threads instead. `providers` are in order of preference; None is the CPU.

    Raises `ModelError` if onnxruntime cannot load the model, `RequestError` if it cannot use the first provider.
    """

    def __init__(self, model: bytes, providers: Providers | None) -> None:
        try:
            import onnxruntime
        except ImportError as error:
            raise RequestError(f"onnxruntime cannot be imported: {error}") from error
        wanted = [_without_tf32(provider) for provider in providers or [_CPU]]
        first = wanted[0] if isinstance(wanted[0], str) else wanted[0][0]
        available = onnxruntime.get_available_providers()
        if first not in available:
            raise RequestError(f"onnxruntime has no provider {first!r}; use {', '.join(available)}")
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.enable_cpu_mem_arena = False
        options.log_severity_level = 4
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.add_session_config_entry("session.inter_op.allow_spinning", "0")
        try:
            self._session = onnxruntime.InferenceSession(model, options, providers=wanted)
        except Exception as error:  # onnxruntime's exceptions have no common base class
            raise _failure("load", error) from error
        used = self._session.get_providers()[0]
        if used != first:  # onnxruntime falls back silently
            raise RequestError(f"onnxruntime cannot use provider {first!r} and fell back to {used!r}")

    def run(self, inputs: Inputs) -> npt.NDArray[np.uint8]:
        """Return the images of these inputs; see `Backend.run`."""
        images: npt.NDArray[np.uint8]
        try:
            (images,) = self._session.run(
                ["image"], dict(zip(("noise", "label", "style"), inputs, strict=True))
            )
        except Exception as error:  # as above
            raise _failure("run", error) from error
        return images


def _without_tf32(provider: str | tuple[str, dict[str, Any]]) -> str | tuple[str, dict[str, Any]]:
    """Turn off TF32 of the CUDA provider, which rounds factors to 11 bits, unless its options set it."""
    name, options = (provider, {}) if isinstance(provider, str) else provider
    return (name, {"use_tf32": "0", **options}) if name == _CUDA else provider


def _failure(verb: str, error: Exception) -> Exception:
    reason = printable((str(error).splitlines() or [type(error).__name__])[0])
    if isinstance(error, MemoryError) or any(sign in reason for sign in _OUT_OF_MEMORY):
        return MemoryError(f"onnxruntime cannot {verb} the model")
    return ModelError(f"onnxruntime cannot {verb} the model: {reason}")
