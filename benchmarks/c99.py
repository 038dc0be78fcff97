"""Compare the C files of the released models with the runtime on many processors, and measure their size and speed.

Run `python benchmarks/c99.py [--count N] [--report FILE]`. Targets without a compiler or emulator are skipped, and the
report lists them. The Debian packages are clang, qemu-user, qemu-system-arm, valgrind, gcc-arm-none-eabi,
gcc-i686-linux-gnu, gcc-arm-linux-gnueabihf, gcc-aarch64-linux-gnu, gcc-riscv64-linux-gnu and gcc-s390x-linux-gnu.
"""

import argparse
import datetime
import platform
import re
import shutil
import struct
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from scorp_runtime import Generator
from scorp_train.export.c99.source import export_c99

ROOT = Path(__file__).resolve().parent.parent
PROGRAMS = ROOT / "benchmarks" / "c99_programs"
MODELS = ("digits", "text")
STRICT = "-std=c99 -O2 -Wall -Wextra -Wconversion -pedantic -Werror"
BARE_METAL_COUNT = 30


@dataclass(frozen=True)
class Target:
    """A processor: the compiler, its options, and the command that runs programs (none for this machine)."""

    name: str
    compiler: str
    flags: str = ""
    runner: str = ""

    @property
    def missing(self) -> list[str]:
        return [name for name in (self.compiler, self.runner) if name and shutil.which(name) is None]


TARGETS = (
    Target("x86-64, gcc", "gcc"),
    Target("x86-64, clang", "clang"),
    Target("x86-64, gcc -Ofast -march=native", "gcc", "-Ofast -march=native"),
    Target("x86, 32 bits", "i686-linux-gnu-gcc", "-static"),
    Target("Arm, armv7", "arm-linux-gnueabihf-gcc", "-static", "qemu-arm"),
    Target("Arm, aarch64", "aarch64-linux-gnu-gcc", "-static", "qemu-aarch64"),
    Target("RISC-V, 64 bits", "riscv64-linux-gnu-gcc", "-static", "qemu-riscv64"),
    Target("s390x, big-endian", "s390x-linux-gnu-gcc", "-static", "qemu-s390x"),
)
BARE_METAL = Target(
    "Cortex-M3, bare metal", "arm-none-eabi-gcc", "-mcpu=cortex-m3 -mthumb", "qemu-system-arm"
)
CORTEX_M0 = Target("Cortex-M0+", "arm-none-eabi-gcc", "-mcpu=cortex-m0plus -mthumb")


@dataclass(frozen=True)
class Requests:
    """Seeds, indices, labels and styles of images. Natural styles are not read."""

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

    def _rows(self) -> "zip[tuple[np.ndarray, ...]]":
        return zip(self.seeds, self.indices, self.labels, self.is_natural, self.styles, strict=True)

    def packed(self) -> bytes:
        return b"".join(
            struct.pack("<QQBB", seed, index, label, not natural) + style.astype("<f4").tobytes()
            for seed, index, label, natural, style in self._rows()
        )

    def drawn_by(self, generator: Generator) -> np.ndarray:
        names = [knob.name for knob in generator.knobs]
        return np.stack(
            [
                generator.generate(
                    generator.classes[label],
                    1,
                    seed=int(seed),
                    start=int(index),
                    **({} if natural else dict(zip(names, map(float, style), strict=True))),
                ).images[0]
                for seed, index, label, natural, style in self._rows()
            ]
        )


class CModel:
    """The C files of a model, exported into a folder."""

    def __init__(self, model: Path, folder: Path) -> None:
        self.folder = folder
        self.header, self.source = export_c99(model, folder)
        self.name = self.source.stem

    def number(self, name: str) -> int:
        """Return a number that the header defines."""
        found = re.search(rf"#define {self.name.upper()}_{name} (\d+)", self.header.read_text())
        assert found is not None, name
        return int(found[1])

    def build(self, target: Target, flags: str = STRICT, program: Path = PROGRAMS / "compare.c") -> Path:
        """Compile the model and a program."""
        output = self.folder / f"program-{len(list(self.folder.iterdir()))}"
        numbers = {name: self.number(name) for name in ("ARENA", "KNOBS", "CLASSES", "HEIGHT", "WIDTH")}
        defines = [f"-D{name}={number}" for name, number in numbers.items()]
        defines += [f"-DPIXELS={numbers['HEIGHT'] * numbers['WIDTH']}", f"-DCOUNT={BARE_METAL_COUNT}"]
        defines += [f'-DMODEL_HEADER="{self.header.name}"', f"-DMODEL={self.name}"]
        command = [target.compiler, *flags.split(), *target.flags.split(), *defines, "-I", self.folder]
        done = subprocess.run([*command, program, self.source, "-o", output], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return output

    def draw(self, target: Target, program: Path, requests: Requests) -> np.ndarray:
        """Return the pixels that a program draws."""
        command = [target.runner, program] if target.runner else [program]
        done = subprocess.run(command, input=requests.packed(), capture_output=True)
        assert done.returncode == 0, done.stderr
        return np.frombuffer(done.stdout, np.uint8).reshape(-1, self.number("HEIGHT"), self.number("WIDTH"))

    def bare_metal_checksum(self) -> str:
        """Return the checksum that the emulated microcontroller prints."""
        flags = f"-std=c99 -O2 -nostartfiles --specs=nosys.specs -T {PROGRAMS / 'mps2.ld'}"
        program = self.build(BARE_METAL, flags, PROGRAMS / "bare_metal.c")
        command = (
            "qemu-system-arm -M mps2-an385 -nographic -semihosting-config enable=on,target=native -kernel"
        )
        done = subprocess.run([*command.split(), program], capture_output=True, text=True, timeout=300)
        return (done.stdout + done.stderr).strip()

    def sizes(self, target: Target, flags: str) -> tuple[int, int]:
        """Return code and constants in bytes, and an estimate of the stack, from the three deepest functions."""
        output = self.folder / "model.o"
        command = [target.compiler, *flags.split(), *target.flags.split(), "-fstack-usage", "-c", self.source]
        subprocess.run([*command, "-o", output], check=True)
        size = target.compiler.replace("gcc", "size")
        text, data, *_ = (
            subprocess.run([size, output], capture_output=True, text=True).stdout.split("\n")[1].split()
        )
        usage = output.with_suffix(".su").read_text().splitlines()
        return int(text) + int(data), sum(sorted(int(line.split("\t")[1]) for line in usage)[-3:])


def runtime_checksum(generator: Generator, count: int) -> str:
    """Return the checksum of `bare_metal.c`, from the runtime."""
    value = 2166136261
    classes = generator.classes
    for index in range(count):
        batch = generator.generate(classes[index % len(classes)], 1, seed=7, start=index)
        for pixel in batch.images.tobytes():
            value = (value ^ pixel) * 16777619 % 2**32
    return f"{value:08x}"


def _seconds(program: Path, data: bytes, repeats: int = 5) -> float:
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        subprocess.run([program], input=data, capture_output=True, check=True)
        times.append(time.perf_counter() - start)
    return min(times)


def measure_speed(model: CModel, flags: str, count: int, requests: Requests) -> float:
    """Return the seconds per image of a program that draws all requests; its start-up is subtracted."""
    program = model.build(TARGETS[0], flags)
    data = requests.packed()
    return (_seconds(program, data) - _seconds(program, b"")) / count


def onnxruntime_seconds(generator: Generator, model: CModel, count: int) -> float:
    """Return the seconds per image of onnxruntime alone at batch 1 with one thread."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(
        generator.model_file.read(), options, providers=["CPUExecutionProvider"]
    )
    inputs = {
        "noise": np.random.default_rng(0).standard_normal((1, model.number("NOISE"))).astype(np.float32),
        "label": np.zeros(1, np.int64),
        "style": np.array([[knob.low for knob in generator.knobs]], np.float32),
    }
    times = []
    for _ in range(5):
        start = time.perf_counter()
        for _ in range(count):
            session.run(None, inputs)
        times.append(time.perf_counter() - start)
    return min(times) / count


def instructions(model: CModel, requests: Requests, count: int) -> int | None:
    """Return the instructions per image that valgrind counts, None without valgrind."""
    if shutil.which("valgrind") is None:
        return None
    program = model.build(TARGETS[0], "-std=c99 -O2")
    totals = []
    for data in (requests.packed(), b""):
        command = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", program]
        text = subprocess.run(command, input=data, capture_output=True).stderr.decode()
        found = re.search(r"Collected : (\d+)", text)
        assert found is not None
        totals.append(int(found[1]))
    return (totals[0] - totals[1]) // count


def processor() -> str:
    """Return the name of this machine's processor."""
    found = re.search(r"model name\s*:\s*(.+)", Path("/proc/cpuinfo").read_text())
    return found[1] if found else platform.processor()


def report(count: int) -> str:
    """Return the measurements as Markdown."""
    lines = [
        f"# C99 export\n\n{datetime.date.today()}, {processor()}. `python benchmarks/c99.py --count {count}`.\n"
    ]
    same = ["## Same pixels\n", "| model | target | images | different |", "| --- | --- | --- | --- |"]
    size = [
        "\n## Size\n",
        "| model | target | flash, bytes | arena, bytes | stack, bytes (estimate) |",
        "| --- | --- | --- | --- | --- |",
    ]
    speed = [
        "\n## Speed\n",
        "Compiled with gcc. The C file also makes noise and style; onnxruntime runs the network alone, at batch 1 "
        "with one thread.\n",
        "| model | options | images per second | of onnxruntime | ratio | instructions per image |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for name in MODELS:
        generator = Generator(name)
        with tempfile.TemporaryDirectory() as folder:
            model = CModel(ROOT / "exported" / f"{name}.onnx", Path(folder))
            requests = Requests.random(generator, count, 24)
            expected = requests.drawn_by(generator)
            for target in TARGETS:
                if target.missing:
                    same.append(f"| {name} | {target.name} | skipped: no {', '.join(target.missing)} | |")
                    continue
                images = model.draw(target, model.build(target), requests)
                different = int((images != expected).any((1, 2)).sum())
                same.append(f"| {name} | {target.name} | {count} | {different} |")
                print(same[-1], flush=True)
            if BARE_METAL.missing:
                same.append(f"| {name} | {BARE_METAL.name} | skipped: no {', '.join(BARE_METAL.missing)} | |")
            else:
                is_same = model.bare_metal_checksum() == runtime_checksum(generator, BARE_METAL_COUNT)
                text = "0 (checksum)" if is_same else "checksum differs"
                same.append(f"| {name} | {BARE_METAL.name} | {BARE_METAL_COUNT} | {text} |")
                for target in (BARE_METAL, CORTEX_M0):
                    flash, stack = model.sizes(target, "-std=c99 -Os")
                    size.append(
                        f"| {name} | {target.name}, -Os | {flash} | {model.number('ARENA')} | {stack} |"
                    )
            few = Requests.random(generator, 20, 24)
            counted = instructions(model, few, 20)
            thousand = Requests.random(generator, 1000, 25)
            theirs = onnxruntime_seconds(generator, model, 500)
            for flags in ("-O2", "-O3", "-O3 -march=native"):
                ours = measure_speed(model, f"-std=c99 {flags}", 1000, thousand)
                mark = f"{counted:,}" if flags == "-O2" and counted else ""
                speed.append(
                    f"| {name} | {flags} | {1 / ours:.0f} | {1 / theirs:.0f} | {theirs / ours:.2f} | {mark} |"
                )
    return "\n".join([*lines, *same, *size, *speed]) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=10_000, help="random images per model and target")
    parser.add_argument("--report", type=Path, default=ROOT / "research" / "measured" / "c99.md")
    options = parser.parse_args()
    options.report.write_text(report(options.count))


if __name__ == "__main__":
    main()
