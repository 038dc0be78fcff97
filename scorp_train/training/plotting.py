"""matplotlib, with its font cache in the trainer's cache directory instead of the user's home."""

import os

from scorp_train.data.cache import cache_directory

os.environ.setdefault("MPLCONFIGDIR", str(cache_directory() / "matplotlib"))

# Not pyplot, which keeps global state and may look for a display.
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

__all__ = ["Axes", "Figure", "FigureCanvasAgg"]
