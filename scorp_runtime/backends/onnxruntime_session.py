"""The onnxruntime session that turns noise into pictures. The only module that imports onnxruntime."""

import numpy as np
import numpy.typing as npt

from .errors import ModelError


class Session:
    """One network in one process, quiet while idle: no spinning threads and no memory arena.

    A small network gains nothing from onnxruntime's defaults, which keep a core per thread busy between calls.
    """

    def __init__(self, model: bytes, threads: int) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.enable_cpu_mem_arena = False
        options.log_severity_level = 4
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.add_session_config_entry("session.inter_op.allow_spinning", "0")
        try:
            self._session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # onnxruntime's exceptions have no base class of their own
            raise ModelError(f"onnxruntime cannot load the model: {_first_line(error)}") from error

    @property
    def threads(self) -> int:
        """How many threads one run may use."""
        return int(self._session.get_session_options().intra_op_num_threads)

    def run(
        self, noise: npt.NDArray[np.float32], labels: npt.NDArray[np.int64], styles: npt.NDArray[np.float32]
    ) -> npt.NDArray[np.uint8]:
        """Return the pictures, uint8 (N, H, W), of noise (N, Z), labels (N,) and styles (N, S).

        Raises:
            ModelError: if the network fails, as a damaged one may.
        """
        try:
            (images,) = self._session.run(["image"], {"noise": noise, "label": labels, "style": styles})
        except Exception as error:  # as above
            raise ModelError(f"onnxruntime cannot run the model: {_first_line(error)}") from error
        pictures: npt.NDArray[np.uint8] = images
        return pictures


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
