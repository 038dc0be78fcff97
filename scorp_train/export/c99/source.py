"""Writes an exact model as a C99 header and source file."""

import hashlib
import re
import struct
import textwrap
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from scorp_runtime.files.atomic import write_files
from scorp_runtime.model import onnx_reader, validation
from scorp_runtime.sampling.knobs import Knob
from scorp_runtime.sampling.style_prior import cholesky
from scorp_train.errors import ExportError
from scorp_train.export.exactness import prove
from scorp_train.templating import render

from .operators import RULES
from .program import Program, Step
from .values import shift_of

_PACKAGE = "scorp_train.export.c99"


@dataclass(frozen=True)
class _CKnob:
    """A knob in steps: the first and last one, 2^-shift units of the knob each, or `units` units of the network."""

    name: str
    unit: str
    low: float
    high: float
    first: int
    last: int
    shift: int
    units: int

    @property
    def step(self) -> str:
        """The size of a step, as people write it."""
        return f"1/{2**self.shift}" if self.shift > 0 else str(2**-self.shift)


def export_c99(model: Path, folder: Path) -> tuple[Path, Path]:
    """Write `scorp_<name>.h` and `scorp_<name>.c` into a folder and return their paths.

    Raises `ModelError` for an invalid model and `ExportError` for one that is not exact or that C cannot compute.
    """
    header, source = sources(model.read_bytes())
    name = re.search(r"#ifndef (\w+)_H", header)
    assert name is not None
    paths = folder / f"{name[1].lower()}.h", folder / f"{name[1].lower()}.c"
    write_files({path: text.encode() for path, text in zip(paths, (header, source), strict=True)})
    return paths


def sources(data: bytes) -> tuple[str, str]:
    """Return the texts of the header and the source file of a model."""
    checked, graph = validation.check(data), onnx_reader.parse(data)
    info = checked.info
    if not info.exact:
        raise ExportError("only an exact model draws the same pixels in C")
    prove(graph)
    knobs, shift = _knobs(info.knobs)
    low = np.array([[knob.units * knob.first for knob in knobs]], float)
    high = np.array([[knob.units * knob.last for knob in knobs]], float)
    program = Program(graph, len(info.classes), (shift, low, high), RULES)
    prefix = "scorp_" + re.sub(r"\W", "_", info.name, flags=re.ASCII).lower()
    priors = [info.natural[name] for name in info.classes]
    rows = [row[: size + 1] for prior in priors for size, row in enumerate(cholesky(prior.correlation))]
    values: dict[str, object] = {
        "info": info,
        "prefix": prefix,
        "macro": prefix.upper(),
        "sha256": hashlib.sha256(data).hexdigest(),
        "program": program,
        "knobs": knobs,
        "classes": len(info.classes),
        "noise": checked.noise_size,
        "height": checked.image_shape[0],
        "width": checked.image_shape[1],
        "factors": [number for row in rows for number in row],
        "quantiles": [number for prior in priors for row in prior.quantiles for number in row],
        "numbers": _numbers,
        "bits": _bits,
        "parameters": _parameters,
        "arguments": _arguments,
        "type_of": _types(program).__getitem__,
    }
    return render(_PACKAGE, "model.h.j2", **values), render(_PACKAGE, "model.c.j2", **values)


def _knobs(knobs: Iterable[Knob]) -> tuple[list[_CKnob], int]:
    """Return the knobs in steps, and the shift of the network's unit, which is the smallest step."""
    shifts = {knob.name: shift_of(np.array([knob.step])) for knob in knobs}
    finest = max(shifts.values(), default=0)
    return [
        _CKnob(
            knob.name, knob.unit, knob.low, knob.high, round(knob.low / knob.step), round(knob.high / knob.step),
            shifts[knob.name], 2 ** (finest - shifts[knob.name]),
        )
        for knob in knobs
    ], finest  # fmt: skip


def _types(program: Program) -> dict[str, str]:
    tables = {table.name: table.type for table in program.tables}
    rows = {f"{name}_row": kind for name, kind in tables.items()}
    return tables | rows | {buffer.name: buffer.type for buffer in program.buffers}


def _parameters(step: Step) -> str:
    parts = [f"const {buffer.type} *restrict {buffer.name}" for buffer in step.inputs]
    if step.needs_label:
        parts.append("int label")
    kind, name = (step.target.type, step.target.name) if step.target else ("uint8_t", "image")
    return ", ".join([*parts, f"{kind} *restrict {name}"])


def _arguments(step: Step) -> str:
    parts = [buffer.name for buffer in step.inputs]
    if step.needs_label:
        parts.append("label")
    return ", ".join([*parts, step.target.name if step.target else "image"])


def _numbers(values: "np.ndarray[tuple[int], np.dtype[np.int64]]") -> str:
    return textwrap.fill(
        ", ".join(map(str, values.tolist())), 118, initial_indent="    ", subsequent_indent="    "
    )


def _bits(values: Iterable[float]) -> str:
    words = (f"UINT64_C(0x{struct.unpack('>Q', struct.pack('>d', value))[0]:016X})" for value in values)
    return textwrap.fill(", ".join(words), 118, initial_indent="    ", subsequent_indent="    ")
