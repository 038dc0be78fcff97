"""Makes what the tests of the page compare with, from the released model: `python fixtures.py FOLDER`.

`golden.json` holds a thousand addresses, and texts, with the checksums of their pixels; onnxruntime and NumPy must
agree on each before it is written. `t10k-images-idx3-ubyte` and its labels stand in for the real digits of the game.
"""

import hashlib
import json
import sys
from pathlib import Path
from random import Random
from typing import Any

import numpy as np

from scorp_runtime import Effects, Generator, Layout

ADDRESSES = 1000
SPACE = 1 << 64
NUMBERS = (0, 1, 2, 999, 1 << 31, (1 << 53) + 1, (1 << 63) - 1, SPACE - 1)
COUNTS = (1, 1, 1, 1, 1, 1, 1, 1, 1, 16)
TEXTS = ("7", "1984", "2026-11-21", "12:30", "3.14159, 2.71828", "9 / 16", "  42", "0,5-1.", "11111111")


def addresses(generator: Generator, random: Random) -> list[dict[str, Any]]:
    """Every class and their turns, with open, given and mixed styles, by writers and by nobody, near and far."""
    names = [*generator.classes, "all"]
    return [
        {
            "what": names[number % len(names)],
            "count": random.choice(COUNTS),
            "seed": str(_number(random, SPACE)),
            "start": str(_number(random, SPACE - 16)),
            "writer": str(_number(random, SPACE)) if number % 3 == 0 else None,
            "styles": _styles(generator, random, number),
            "size": random.randint(8, 112) if number % 20 == 0 else generator.image_shape[0],
        }
        for number in range(ADDRESSES)
    ]


def texts(generator: Generator, random: Random) -> list[dict[str, Any]]:
    """Sequences with all marks, in several sizes, by the hand of the seed and by writers."""
    return [
        {
            "text": text,
            "seed": str(_number(random, SPACE)),
            "writer": str(_number(random, SPACE)) if number % 3 == 0 else None,
            "styles": _styles(generator, random, number),
            "size": random.choice((generator.image_shape[0], 20, 57)),
        }
        for number, text in enumerate(TEXTS * 4)
    ]


def _number(random: Random, limit: int) -> int:
    return min(random.choice(NUMBERS) if random.random() < 0.3 else random.randrange(limit), limit - 1)


def _styles(generator: Generator, random: Random, number: int) -> dict[str, float]:
    """No knob, one, some or all, on their grids; now and then at an end."""
    knobs = random.sample(generator.knobs, number % (len(generator.knobs) + 1))
    return {
        knob.name: random.choice(
            (knob.low, knob.high, *(_on_grid(random, knob.low, knob.high, knob.step) for _ in range(8)))
        )
        for knob in knobs
    }


def _on_grid(random: Random, low: float, high: float, step: float) -> float:
    return low + step * random.randint(0, round((high - low) / step))


def address_checksum(generator: Generator, case: dict[str, Any]) -> str:
    """The checksum that `scorp-gen --json` tells of an address."""
    batch = generator.generate(
        case["what"],
        case["count"],
        seed=int(case["seed"]),
        start=int(case["start"]),
        writer=None if case["writer"] is None else int(case["writer"]),
        **case["styles"],
    )
    return hashlib.sha256(Effects(size=case["size"]).apply(batch).images.tobytes()).hexdigest()


def text_checksum(generator: Generator, case: dict[str, Any]) -> str:
    """The checksum that `scorp-gen --text --json` tells of a page."""
    page = generator.sequence(
        case["text"],
        seed=int(case["seed"]),
        writer=None if case["writer"] is None else int(case["writer"]),
        layout=Layout(size=case["size"]),
        **case["styles"],
    )
    return hashlib.sha256(page.image.tobytes()).hexdigest()


def make(folder: Path) -> None:
    """Write all files into a folder."""
    folder.mkdir(exist_ok=True)
    generator, other = Generator(), Generator(backend="numpy")
    assert (generator.backend, other.backend) == ("onnxruntime", "numpy")
    random = Random(20)
    golden: dict[str, list[dict[str, Any]]] = {
        "addresses": addresses(generator, random),
        "texts": texts(generator, random),
    }
    for kind, checksum in (("addresses", address_checksum), ("texts", text_checksum)):
        for case in golden[kind]:
            case["checksum"] = checksum(generator, case)
            if checksum(other, case) != case["checksum"]:
                sys.exit(f"onnxruntime and NumPy draw other pixels: {case}")
    (folder / "golden.json").write_text(json.dumps(golden, indent=1))
    batch = generator.generate("all", 60, seed=5)
    for name, array in (("images-idx3", batch.images), ("labels-idx1", batch.labels.astype(np.uint8))):
        head = np.array([0x0800 + array.ndim, *array.shape], ">u4").tobytes()
        (folder / f"t10k-{name}-ubyte").write_bytes(head + array.tobytes())


if __name__ == "__main__":
    make(Path(sys.argv[1]))
