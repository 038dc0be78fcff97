"""The network in onnxruntime. Beside the choice of the backend, the only module that imports it."""

from typing import Any

import numpy as np
import numpy.typing as npt

from scorp_runtime.errors import ModelError, RequestError, printable

from . import Providers

CPU = "CPUExecutionProvider"


class OnnxruntimeSession:
    """A session of onnxruntime.

    Args:
        session: an `onnxruntime.InferenceSession` of a model that keeps the contract.
    """

    def __init__(self, session: Any) -> None:
        self._session = session

    def run(
        self, noise: npt.NDArray[np.float32], labels: npt.NDArray[np.int64], styles: npt.NDArray[np.float32]
    ) -> npt.NDArray[np.uint8]:
        """Return the pictures, uint8 (N, H, W), of noise (N, Z), labels (N,) and styles (N, S).

        Raises:
            ModelError: if the network fails, as a damaged one may.
            MemoryError: if there is too little memory for so many at once.
        """
        try:
            (images,) = self._session.run(["image"], {"noise": noise, "label": labels, "style": styles})
        except Exception as error:  # onnxruntime's exceptions have no base class of their own
            raise _failure("run", error) from error
        pictures: npt.NDArray[np.uint8] = images
        return pictures

    def weights_sha256(self) -> str | None:
        """Return what the metadata of the session's model say of its weights; None if they say nothing."""
        metadata: dict[str, str] = self._session.get_modelmeta().custom_metadata_map
        return metadata.get("weights_sha256")


def open_session(model: bytes, providers: Providers | None) -> OnnxruntimeSession:
    """Set up a session that is quiet while idle: one thread, no spinning and no memory arena.

    A small network gains nothing from onnxruntime's defaults, which keep a core per thread busy between calls. Those
    who want more threads run the session from several.

    Args:
        model: the bytes of the model file.
        providers: execution providers in order of preference; None is the CPU.

    Raises:
        ModelError: if onnxruntime cannot load the model.
        RequestError: if onnxruntime cannot be imported, or does without the first of the providers.
    """
    try:
        import onnxruntime
    except ImportError as error:
        raise RequestError(f"onnxruntime cannot be imported: {error}") from error
    wanted = [_exact(provider) for provider in providers or [CPU]]
    first = wanted[0] if isinstance(wanted[0], str) else wanted[0][0]
    available = onnxruntime.get_available_providers()
    if first not in available:
        raise RequestError(f"onnxruntime has no {first!r} here; it has {', '.join(available)}")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False
    options.log_severity_level = 4
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.add_session_config_entry("session.inter_op.allow_spinning", "0")
    try:
        session = onnxruntime.InferenceSession(model, options, providers=wanted)
    except Exception as error:  # as above
        raise _failure("load", error) from error
    if session.get_providers()[0] != first:  # it falls back by itself, with a warning at most
        raise RequestError(f"onnxruntime could not use {first!r} and took {session.get_providers()[0]!r}")
    return OnnxruntimeSession(session)


def _exact(provider: str | tuple[str, dict[str, Any]]) -> str | tuple[str, dict[str, Any]]:
    """Turn off TF32 of the CUDA provider unless its options set it: it rounds factors to 11 bits."""
    name, options = (provider, {}) if isinstance(provider, str) else provider
    return (name, {"use_tf32": "0", **options}) if name == "CUDAExecutionProvider" else provider


def _failure(verb: str, error: Exception) -> Exception:
    said = _first_line(error)
    if isinstance(error, MemoryError) or "bad_alloc" in said or "Failed to allocate" in said:
        return MemoryError(f"onnxruntime cannot {verb} the model")
    return ModelError(f"onnxruntime cannot {verb} the model: {said}")


def _first_line(error: Exception) -> str:
    return printable((str(error).splitlines() or [type(error).__name__])[0])
