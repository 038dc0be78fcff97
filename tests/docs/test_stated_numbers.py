"""Numbers of the documents that follow from the code, from the models or from files are told as they are."""

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from scorp_runtime import Generator, model_info, onnx_file, sequence, server, writer
from scorp_runtime.commands import draw, text
from scorp_train.models.multires_options import MultiresOptions
from scorp_train.options import Options
from scorp_train.presets import preset

ROOT = Path(__file__).resolve().parents[2]
Numbers = list[float]


def _steps() -> Numbers:
    return [60 * (10 * 2000 // Options.batch), Generator().info.recipe["steps"]]


def _stages() -> Numbers:
    options, all_epochs = MultiresOptions(), Options.epochs
    shares = (options.codes_share, options.flow_share, options.front_share)
    epochs = [round(share * all_epochs, 6) for share in shares]
    return [told for one in (*epochs, all_epochs - sum(epochs)) for told in (one, all_epochs)]


def _epochs() -> Numbers:
    names = ("digit-generator", "scorp", "dense", "mlp", "single-class", "vae")
    return [preset(name, None)["epochs"] for name in names]


def _capitals() -> Numbers:
    kept = np.fromfile(ROOT / "scorp_train/data/emnist_capitals.bin", np.uint8)
    return [int(np.unpackbits(kept).sum())]


def _letters_judge() -> Numbers:
    card = (ROOT / "scorp_train/judge/models/letters.md").read_text("utf-8")
    rows = (
        "digit accuracy",
        "capital accuracy",
        "Chars74K.*",
        "SSE-letters.*",
        "NIST SD19.*",
        "read right on.*",
    )
    found = [re.search(rf"^\| {row} \| ([\d.]+)%", card, re.MULTILINE) for row in rows]
    return [float(match[1]) for match in found if match]


def _within_writers() -> Numbers:
    """The ratios of the knobs in the table of model-format.md, which a benchmark prints: the least and the most."""
    rows = r"^\| (?:thickness|slant|width) \|(?: [\d.]+ \|){2} ([\d.]+) \|"
    ratios = re.findall(rows, (ROOT / "docs/model-format.md").read_text("utf-8"), re.MULTILINE)
    return [float(min(ratios)), float(max(ratios))]


STATED: list[tuple[str, str, Callable[[], Numbers]]] = [
    ("README.md", r"vary ([\d.]+) to ([\d.]+)\s+times as much \(variances\)", _within_writers),
    ("docs/family.md", r"\| (?:at most )?(\d+) epochs of \d+ \|", _epochs),
    ("docs/letters.md", r"([\d,]+) of 10,000 remain", _capitals),
    ("docs/letters.md", r"^\|.*\| ([\d.]+) % \|$", _letters_judge),
    (
        "docs/model-format.md",
        r"floor\(\((\d+) W \+ (\d+) N \+ 128\) / 256\)",
        lambda: [share for mix in writer._MIXES.values() for share in (mix.writer, mix.sample)],
    ),
    ("docs/model-format.md", r"line feeds, at most (\d+) in all", lambda: [sequence.LONGEST]),
    (
        "docs/own-handwriting.md",
        r"60 epochs are ([\d,]+) steps; the released digits took ([\d,]+)",
        _steps,
    ),
    ("docs/reliability.md", r"at most 2\^(\d+) parts", lambda: [onnx_file._MOST_PARTS.bit_length() - 1]),
    ("docs/reliability.md", r"at most 2\^(\d+) characters", lambda: [model_info._LARGEST.bit_length() - 1]),
    (
        "docs/scale.md",
        r"at most ([\d,]+) \(pages of `--text`:\s+([\d,]+)\)",
        lambda: [draw.SHARD_SIZE, text.SHARD_SIZE],
    ),
    (
        "docs/scale.md",
        r"shards of ([\d,]+) pictures there are ([\d,]+)",
        lambda: [1 << 16, 1 + (10**9 >> 16)],
    ),
    (
        "docs/training.md",
        r"^\| (?:codes|flow|front|adversarial) \| ([\d.]+)(?: of (\d+))? \| [a-z]",
        _stages,
    ),
    (
        "docs/web.md",
        r"at most ([\d,]+) pictures and (\d+) MiB, a\s+request has to come whole within (\d+) seconds .*, (\d+) connec",
        lambda: [
            server.MOST_PICTURES,
            server._LARGEST_BODY >> 20,
            server._PATIENCE,
            server._MOST_CONNECTIONS,
        ],
    ),
]
"""A document, where it tells numbers, and what they are."""


@pytest.mark.parametrize(("document", "pattern", "numbers"), STATED, ids=lambda part: str(part)[:40])
def test_a_number_is_told_as_it_is(document: str, pattern: str, numbers: Callable[[], Numbers]) -> None:
    matches = re.finditer(pattern, (ROOT / document).read_text("utf-8"), re.MULTILINE)
    told = [float(number.replace(",", "")) for match in matches for number in match.groups() if number]
    assert told == numbers()


def test_what_a_billion_takes_follows_from_the_rates() -> None:
    """In docs/scale.md, with two workers; rounded against us."""
    text = (ROOT / "docs/scale.md").read_text("utf-8")
    bare = re.search(r"made ([\d,]+) pictures per second beside the first and ([\d,]+) beside", text)
    assert bare is not None
    numbers = r"\| ([\d,]+) \| (\d+) % \| ([\d,]+) \| ([\d.]+) \| ([\d,]+) \|$"
    rows = re.findall(rf"^\| `(\w+)` {numbers}", text, re.MULTILINE)
    assert len(rows) == 5
    for name, *told in rows:
        rate, share, size, hours, gigabytes = (float(number.replace(",", "")) for number in told)
        alone = float(bare[1 if name == "idx" else 2].replace(",", ""))
        assert share == int(100 * rate / alone)
        assert 0 <= hours - 2e9 / rate / 3600 < 0.1
        assert gigabytes == size
