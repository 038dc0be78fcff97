"""Speed and memory promises of the runtime, as ratios of figures measured in one run."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any


@dataclass(frozen=True)
class Promise:
    """A figure of a measurement and its lower or upper bound."""

    at_least: bool
    bound: float
    what: str
    measurement: str
    figure: str

    def value(self, figures: Mapping[str, Any]) -> float | None:
        """Return the measured value; None if it was not measured."""
        return figures[self.measurement][self.figure] if self.measurement in figures else None

    def kept(self, value: float) -> bool:
        return value >= self.bound if self.at_least else value <= self.bound


at_least, at_most = partial(Promise, True), partial(Promise, False)

# fmt: off
PROMISES = (
    at_least(0.60, "digits per second of one core / limit by matrix products", "drawing", "share_of_limit"),
    at_least(5.0, "same network in torch eager / session, one digit", "peers", "torch_eager_over_session_at_1"),
    at_least(1.0, "same network in torch eager / whole call, worst batch", "peers", "torch_eager_over_generate_least"),
    at_least(20.0, "DCGAN of 64 x 64 in torch / whole call", "peers", "dcgan_over_generate"),
    at_least(1.8, "two threads / one", "drawing", "two_lanes_over_one"),
    at_most(1.5, 'generate("7", count=1) / bare session.run', "drawing", "one_digit_over_bare"),
    at_most(0.1, "noise / network", "drawing", "noise_over_network"),
    at_most(1.35, "scorp-gen 7 --count 64 out.png / importing its dependencies", "starting", "sheet_over_imports"),
    at_most(2.0, "scorp-gen --version / python -c pass", "starting", "version_over_pass"),
    at_most(1.25, "peak memory of a million digits / of a thousand", "memory", "million_over_thousand"),
    at_most(0.03, "CPU at 15 calls per second, share of a core", "idle", "share_of_a_core"),
    at_most(15.0, "onnxruntime / NumPy backend, digits per second", "drawing", "onnxruntime_over_numpy"),
)
# fmt: on
