"""The C files of the released models draw the pixels of the runtime, on each processor that can be tried here."""

import hashlib
import json
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from scorp_runtime import Generator
from scorp_runtime.sampling.request import read_request
from scorp_train.cli.export import main

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "docs" / "examples" / "c99"
STRICT = "-std=c99 -O2 -Wall -Wextra -Wconversion -pedantic -Werror"
SANITIZED = "-std=c99 -O1 -g -fsanitize=undefined,address -fno-sanitize-recover=all"


def need(*programs):
    for program in programs:
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed")


def check_pixels(harness, model, name, target, flags=STRICT, count=200):
    need(*filter(None, (target.compiler, target.runner)))
    generator = Generator(name)
    requests = harness.Requests.random(generator, count, 24)
    images = model.draw(target, model.build(target, flags), requests)
    np.testing.assert_array_equal(images, requests.drawn_by(generator))


@pytest.mark.parametrize("number", range(8))
def test_each_processor_draws_the_pixels_of_the_runtime(harness, model, name, number):
    check_pixels(harness, model, name, harness.TARGETS[number], count=200 if number < 3 else 30)


def test_nothing_is_undefined(harness, model, name):
    check_pixels(harness, model, name, harness.Target("gcc", "gcc"), SANITIZED, 50)


def test_a_microcontroller_draws_the_pixels_of_the_runtime(harness, model, name):
    need(harness.BARE_METAL.compiler, harness.BARE_METAL.runner)
    checksum = harness.runtime_checksum(Generator(name), harness.BARE_METAL_COUNT)
    assert model.bare_metal_checksum() == checksum


def test_golden_pixels(harness, model, name):
    need("gcc")
    generator = Generator(name)
    target = harness.Target("gcc", "gcc")
    program = model.build(target)
    cases = json.loads((ROOT / "exported" / f"{name}.golden.json").read_text())["cases"]
    for case in cases:
        if case["writer"] is not None:
            continue  # the caller mixes the noise of a writer
        seed, start, count = int(case["seed"]), int(case["start"]), case["count"]
        request = read_request(
            generator.classes, generator.knobs, case["labels"], count, seed, start, case["styles"]
        )
        batch = generator.draw(request, 0, count)
        requests = harness.Requests(
            np.full(count, seed, np.uint64),
            np.array([start + number for number in range(count)], np.uint64),
            batch.labels,
            np.full(count, not case["styles"]),
            batch.styles.astype(np.float32),
        )
        pixels = model.draw(target, program, requests).tobytes()
        assert hashlib.sha256(pixels).hexdigest() == case["pixels_sha256"], case


CALLS = """
#include <stdio.h>
#include "scorp_digits.h"
int main() {
    static uint32_t arena[SCORP_DIGITS_ARENA / 4];
    static uint8_t image[784];
    float low[SCORP_DIGITS_KNOBS] = {1, 0, 10, 0};
    printf("%d ", scorp_digits_draw(arena, 1, 2, -1, 0, image));
    printf("%d ", scorp_digits_draw(arena, 1, 2, 10, 0, image));
    printf("%d ", scorp_digits_draw(arena, 1, 2, 3, low, image));
    printf("%d ", scorp_digits_draw(0, 1, 2, 3, 0, image));
    printf("%d ", scorp_digits_draw((char *)arena + 2, 1, 2, 3, 0, image));
    for (int index = 0; index < 20; index++) printf("%d ", scorp_digits_label(5, index));
}
"""


def test_bad_arguments_and_open_labels_from_cpp(digits, tmp_path):
    need("g++")
    program = tmp_path / "calls.cpp"
    program.write_text(CALLS)
    compiled = tmp_path / "model.o"
    folder = ["-I", digits.folder]
    subprocess.run(["gcc", *STRICT.split(), "-c", digits.source, "-o", compiled], check=True)
    command = ["g++", "-Wall", "-Wextra", "-Werror", *folder, program, compiled, "-o", tmp_path / "calls"]
    subprocess.run(command, check=True)
    printed = subprocess.run([tmp_path / "calls"], capture_output=True, text=True, check=True).stdout
    codes, labels = np.split(np.array(printed.split(), int), [5])
    assert codes.tolist() == [-1, -1, -2, -3, -3]
    assert labels.tolist() == Generator().generate(None, 20, seed=5).labels.tolist()


def test_ascii_art(digits, tmp_path):
    need("gcc")
    output = tmp_path / "art"
    command = ["gcc", *STRICT.split(), "-I", digits.folder, EXAMPLES / "ascii_art.c", digits.source]
    subprocess.run([*command, "-o", output], check=True)
    printed = subprocess.run([output, "3", "5"], capture_output=True, text=True, check=True).stdout
    image = Generator().generate("3", 1, seed=1, start=5).images[0]
    assert printed == "".join("".join(" .:-=+*%@#"[ink // 26] for ink in row) + "\n" for row in image)


def test_arduino_sketch(digits, tmp_path):
    need("arm-none-eabi-g++")
    flags = "-mcpu=cortex-m0plus -mthumb -Os -Wall -Wextra -Werror -c"
    command = ["arm-none-eabi-g++", *flags.split(), "-I", digits.folder, EXAMPLES / "digits.ino.cpp"]
    subprocess.run([*command, "-o", tmp_path / "sketch.o"], check=True)


def test_web_assembly(digits, tmp_path):
    need("clang", "wasm-ld", "node")
    output = tmp_path / "digits.wasm"
    flags = "--target=wasm32 -O2 -ffreestanding -nostdlib -Wl,--no-entry -Wall -Wextra -Werror"
    command = ["clang", *flags.split(), "-I", digits.folder, EXAMPLES / "wasm.c", digits.source, "-o", output]
    subprocess.run(command, check=True)
    for seed, index, label in ((0, 0, 0), (2**64 - 1, 2**64 - 1, 9), (7, 123_456_789, 4)):
        drawn = subprocess.run(
            ["node", EXAMPLES / "wasm.mjs", output, *map(str, (seed, index, label))], capture_output=True
        )
        assert drawn.returncode == 0, drawn.stderr
        assert drawn.stdout == Generator().generate(str(label), 1, seed=seed, start=index).images.tobytes()


def test_command(tmp_path):
    assert main(["--c", str(ROOT / "exported" / "digits.onnx"), str(tmp_path)]) == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["scorp_digits.c", "scorp_digits.h"]


def test_missing_model(tmp_path, capsys):
    assert main(["--c", str(tmp_path / "none.onnx"), str(tmp_path)]) != 0
    assert len(capsys.readouterr().err.splitlines()) == 1
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("bits", range(1, 9))
def test_rescale_rounds_halves_to_even(digits, tmp_path, bits):
    need("gcc")
    text = digits.source.read_text()
    function = text[text.index("static inline int32_t rescale") : text.index("/* The network")]
    lines = f'for (int value = -1100; value < 1100; value++) printf("%d ", (int)rescale(value, {bits}));'
    program = tmp_path / "rescale.c"
    program.write_text(f"#include <stdint.h>\n#include <stdio.h>\n{function}\nint main(void) {{ {lines} }}\n")
    subprocess.run(["gcc", "-std=c99", program, "-o", tmp_path / "rescale"], check=True)
    printed = subprocess.run([tmp_path / "rescale"], capture_output=True, text=True, check=True).stdout
    assert np.array_equal(np.array(printed.split(), int), np.rint(np.arange(-1100, 1100) / 2**bits))
