"""The arithmetic of a training: float32, or bfloat16 for convolutions and dense layers where that is faster.

Weights, optimisers and losses are float32 either way, so checkpoints of both are alike. bfloat16 has the range of
float32, so losses need no scaling.
"""

import torch


def arithmetic(device: torch.device, precision: str, fast: bool = True) -> torch.autocast:
    """Return the context for forward passes on a device; float32 unless `fast`.

    It caches copies of weights, so do not update weights within it.
    """
    bfloat16 = fast and resolved_precision(device, precision) == "bfloat16"
    return torch.autocast(device.type, torch.bfloat16, enabled=bfloat16)


def resolved_precision(device: torch.device, precision: str) -> str:
    """Return `precision`, with `auto` replaced by the faster of float32 and bfloat16 on that device."""
    if precision != "auto":
        return precision
    if device.type == "cuda":
        fast = torch.cuda.is_available() and torch.cuda.is_bf16_supported(including_emulation=False)
    else:
        fast = device.type == "cpu" and bool(torch.cpu._is_amx_tile_supported())
    return "bfloat16" if fast else "float32"
