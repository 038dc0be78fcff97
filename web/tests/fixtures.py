"""Write the expected values of the page's tests: `python fixtures.py FOLDER`.

`golden.json` has requests for images and texts of both bundled models with checksums of their pixels, on which
onnxruntime and NumPy agree.
`t10k-images-idx3-ubyte` and its labels replace the real digits of the game.
"""

import hashlib
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any

import numpy as np

from scorp_runtime import Effects, Generator, Layout

CASES = {"digits": 1000, "text": 250}
SEED_COUNT = 1 << 64
NUMBERS = (0, 1, 2, 999, 1 << 31, (1 << 53) + 1, (1 << 63) - 1, SEED_COUNT - 1)
COUNTS = (1, 1, 1, 1, 1, 1, 1, 1, 1, 16)
MARKS = ("2026-11-21", "12:30", "3.14159, 2.71828", "9 / 16", "0,5-1.")
TEXTS = {
    "digits": ("7", "1984", "  42", "11111111", "0 9"),
    "text": (
        *("Hello, World!", "$1,204.50", "jumping quickly", "Invoice #27: 50% off?", "a-b/c.d,e:f", "i!j;%"),
        *(
            "{x} = [y] ~ `z`;",
            "say \"hi\" & 'bye' @home",
            "  Tgp^_|<>*+",
            "ALL CAPITALS",
            "A1b2",
            "--",
            "seven",
            "2026-11-21",
        ),
    ),
}
LINE_FORM = {"extent", "rise"}  # knobs without sliders


def image_cases(generator: Generator, random: Random) -> list[dict[str, Any]]:
    """Return requests with every class, natural and set styles, with and without writers, at low and high indices."""
    is_text = generator.info.name == "text"  # the page draws digits with the model digits
    names = (
        [name for name in generator.classes if not name.isdigit()] if is_text else [*generator.classes, "all"]
    )
    return [
        {
            "what": names[number % len(names)],
            "count": random.choice(COUNTS),
            "seed": str(_number(random, SEED_COUNT)),
            "start": str(_number(random, SEED_COUNT - 16)),
            "writer": str(_number(random, SEED_COUNT)) if number % 3 == 0 else None,
            "styles": _styles(generator, random, number),
            "size": random.randint(8, 112) if number % 20 == 0 else generator.image_shape[0],
        }
        for number in range(CASES[generator.info.name])
    ]


def text_cases(generator: Generator, random: Random, texts: Sequence[str]) -> list[dict[str, Any]]:
    """Return requests for texts in several sizes, with and without writers."""
    return [
        {
            "text": text,
            "seed": str(_number(random, SEED_COUNT)),
            "writer": str(_number(random, SEED_COUNT)) if number % 3 == 0 else None,
            "styles": _styles(generator, random, number),
            "size": random.choice((generator.image_shape[0], 20, 57)),
        }
        for number, text in enumerate([*texts] * 4)
    ]


def _number(random: Random, limit: int) -> int:
    return min(random.choice(NUMBERS) if random.random() < 0.3 else random.randrange(limit), limit - 1)


def _styles(generator: Generator, random: Random, number: int) -> dict[str, float]:
    """Return values for some knobs, sometimes at an end of the range."""
    sliders = [knob for knob in generator.knobs if knob.name not in LINE_FORM]
    knobs = random.sample(sliders, number % (len(sliders) + 1))
    return {
        knob.name: random.choice(
            (knob.low, knob.high, *(_on_grid(random, knob.low, knob.high, knob.step) for _ in range(8)))
        )
        for knob in knobs
    }


def _on_grid(random: Random, low: float, high: float, step: float) -> float:
    return low + step * random.randint(0, round((high - low) / step))


def images_checksum(generator: Generator, case: dict[str, Any]) -> str:
    """Return the checksum that `scorp-gen --json` prints for images."""
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
    """Return the checksum that `scorp-gen --text --json` prints for a page."""
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
    random = Random(20)
    golden: dict[str, list[dict[str, Any]]] = {"images": [], "texts": [], "marks": []}
    for model in ("digits", "text"):
        generator, other = Generator(model), Generator(model, backend="numpy")
        assert (generator.backend, other.backend) == ("onnxruntime", "numpy")
        kinds = [
            ("images", image_cases(generator, random), images_checksum),
            ("texts", text_cases(generator, random, TEXTS[model]), text_checksum),
        ]
        if model == "digits":
            kinds.append(("marks", text_cases(generator, random, MARKS), text_checksum))
        for kind, cases, checksum in kinds:
            for case in cases:
                case["checksum"] = checksum(generator, case)
                if checksum(other, case) != case["checksum"]:
                    sys.exit(f"onnxruntime and NumPy draw different pixels: {case}")
            golden[kind] += cases
    (folder / "golden.json").write_text(json.dumps(golden, indent=1))
    batch = Generator().generate("all", 60, seed=5)
    for name, array in (("images-idx3", batch.images), ("labels-idx1", batch.labels.astype(np.uint8))):
        head = np.array([0x0800 + array.ndim, *array.shape], ">u4").tobytes()
        (folder / f"t10k-{name}-ubyte").write_bytes(head + array.tobytes())


if __name__ == "__main__":
    make(Path(sys.argv[1]))
