"""The arithmetic of a training: float32, or bfloat16 for convolutions and dense layers where that is faster.

Weights, optimisers and losses are float32 in either case, so that a checkpoint of one is a checkpoint of the other.
bfloat16 has the range of float32, so no loss has to be scaled.
"""

import torch


def arithmetic(device: torch.device, precision: str, fast: bool = True) -> torch.autocast:
    """The context for forward passes on that device; float32 in any case unless `fast`.

    It keeps copies of weights, so none may be updated within it.
    """
    bfloat16 = fast and resolved_precision(device, precision) == "bfloat16"
    return torch.autocast(device.type, torch.bfloat16, enabled=bfloat16)


def resolved_precision(device: torch.device, precision: str) -> str:
    """Return `precision`, where `auto` becomes the faster of float32 and bfloat16 on that device."""
    if precision != "auto":
        return precision
    return "bfloat16" if _has_matrix_units(device) else "float32"


def _has_matrix_units(device: torch.device) -> bool:
    """Whether the device multiplies bfloat16 matrices in hardware made for it; elsewhere float32 is as fast."""
    if device.type == "cuda":
        return torch.cuda.is_available() and torch.cuda.is_bf16_supported(including_emulation=False)
    return device.type == "cpu" and bool(torch.cpu._is_amx_tile_supported())
