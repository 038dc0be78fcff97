"""Accuracy and speed of the style measures, compared with the reference on 1,000 test digits of MNIST.

python benchmarks/strokes.py
"""

import time
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from morpho_mnist import measure

from scorp_train.data.mnist import load_mnist
from scorp_train.measures.style import STYLE_NAMES, measure_styles

COUNT = 1000
BANDS = ((0, 2), (3.5, 4.5), (4.5, np.inf))  # px of thickness


def main() -> None:
    torch.set_num_threads(1)
    images = load_mnist().test.images[:COUNT]
    measured, slow = _timed(lambda: [measure(image) for image in images])
    reference = np.array([[getattr(digit, name) for name in STYLE_NAMES] for digit in measured])
    styles, quick = _timed(lambda: measure_styles(images))
    errors = styles - reference
    print("| | rmse | mean difference |\n| --- | --- | --- |")
    for name, column in zip(STYLE_NAMES, errors.T, strict=True):
        unit = "degrees" if name == "slant" else "px"
        print(f"| {name} | {_rmse(column):.3f} {unit} | {abs(column.mean()):.3f} {unit} |")
    print("\n| reference thickness, px | rmse of thickness |\n| --- | --- |")
    for low, high in BANDS:
        inside = (reference[:, 0] >= low) & (reference[:, 0] < high)
        print(f"| {low:g} to {high:g} | {_rmse(errors[inside, 0]):.2f} px |".replace("to inf", "and more"))
    print("\n| measure | ms per image |\n| --- | --- |")
    print(f"| `morphology` | {slow:.0f} |\n| `style` | {quick:.2f} |")


def _timed(call: Callable[[], Any]) -> tuple[Any, float]:
    """Return the result of a call and its milliseconds per image."""
    begin = time.perf_counter()
    result = call()
    return result, 1000 * (time.perf_counter() - begin) / COUNT


def _rmse(errors: Any) -> float:
    return float(np.sqrt(np.mean(errors**2)))


if __name__ == "__main__":
    main()
