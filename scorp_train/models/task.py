"""The old place of `Batch` and `Task`, until the default model imports them from `model_api`."""

from .model_api import Batch, Task

__all__ = ["Batch", "Task"]
