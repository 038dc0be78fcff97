"""Compiles an exported model and draws with it, for the tests and the benchmark."""

import re
import struct
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from scorp_runtime import Generator
from scorp_train.export.c99.source import export_c99

HERE = Path(__file__).parent
STRICT = "-std=c99 -O2 -Wall -Wextra -Wconversion -pedantic -Werror"


@dataclass(frozen=True)
class Requests:
    """Addresses with labels, and styles on the grid or, where `is_natural`, left open."""

    seeds: np.ndarray
    indices: np.ndarray
    labels: np.ndarray
    is_natural: np.ndarray
    styles: np.ndarray

    @classmethod
    def random(cls, generator: Generator, count: int, seed: int) -> "Requests":
        random = np.random.default_rng(seed)
        lows, highs = ([getattr(knob, end) for knob in generator.knobs] for end in ("low", "high"))
        return cls(
            random.integers(0, 2**64, count, np.uint64),
            random.integers(0, 2**64 - 1, count, np.uint64),
            random.integers(0, len(generator.classes), count),
            random.random(count) < 0.5,
            random.uniform(lows, highs, (count, len(lows))).astype(np.float32).clip(lows, highs),
        )

    def packed(self) -> bytes:
        rows = zip(self.seeds, self.indices, self.labels, self.is_natural, self.styles, strict=True)
        return b"".join(
            struct.pack("<QQBB", seed, index, label, not natural) + style.astype("<f4").tobytes()
            for seed, index, label, natural, style in rows
        )

    def expected(self, generator: Generator) -> np.ndarray:
        """Return the pixels that the runtime draws."""
        names = [knob.name for knob in generator.knobs]
        rows = zip(self.seeds, self.indices, self.labels, self.is_natural, self.styles, strict=True)
        images = [
            generator.generate(
                generator.classes[label], 1, seed=int(seed), start=int(index),
                **({} if natural else dict(zip(names, map(float, style), strict=True))),
            ).images[0]
            for seed, index, label, natural, style in rows
        ]  # fmt: skip
        return np.stack(images)


class CModel:
    """The C files of a model in a folder."""

    def __init__(self, model: Path, folder: Path) -> None:
        self.folder = folder
        self.header, self.source = export_c99(model, folder)
        self.name = self.source.stem

    def number(self, name: str) -> int:
        """Return a number that the header defines."""
        found = re.search(rf"#define {self.name.upper()}_{name} (\d+)", self.header.read_text())
        assert found is not None
        return int(found[1])

    def build(
        self, compiler: Sequence[str], flags: str, program: Path | None = None, defines: str = ""
    ) -> Path:
        """Compile the model with a program, by default the one that answers requests."""
        height, width = self.number("HEIGHT"), self.number("WIDTH")
        target = self.folder / f"program-{abs(hash((*compiler, flags, program, defines))):x}"
        command = [
            *compiler, *flags.split(), *defines.split(), "-I", str(self.folder), str(self.source),
            str(program or HERE / "compare.c"), f'-DMODEL_HEADER="{self.header.name}"', f"-DMODEL={self.name}",
            f"-DPIXELS={height * width}", f"-DARENA={self.number('ARENA')}", f"-DKNOBS={self.number('KNOBS')}",
            f"-DCLASSES={self.number('CLASSES')}", "-o", str(target),
        ]  # fmt: skip
        done = subprocess.run(command, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return target

    def draw(self, command: Sequence[str], requests: Requests) -> np.ndarray:
        """Return the pixels that a program draws."""
        done = subprocess.run(command, input=requests.packed(), capture_output=True)
        assert done.returncode == 0, done.stderr
        shape = (-1, self.number("HEIGHT"), self.number("WIDTH"))
        return np.frombuffer(done.stdout, np.uint8).reshape(shape)
