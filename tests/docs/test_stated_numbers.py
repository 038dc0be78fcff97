"""Numbers of the documents that follow from the code, from the models or from files are told as they are."""

import json
import math
import re
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np
import onnx
import pytest

from scorp_runtime import Generator, graph_size, model_info, onnx_file, sequence, server, writer
from scorp_runtime.commands import draw, text
from scorp_train.data import letters, variants
from scorp_train.data.dataset import SIDE
from scorp_train.evaluation import verdict
from scorp_train.models.mlp import MlpOptions
from scorp_train.models.multires_options import MultiresOptions
from scorp_train.models.scorp import ScorpOptions
from scorp_train.options import Options
from scorp_train.presets import preset

ROOT = Path(__file__).resolve().parents[2]
Numbers = list[float]
_NUMBER = re.compile(r"[\d.,]+")


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


def _dense() -> Numbers:
    """Of the generator of benchmarks/peers.py, beside the released one's."""
    widths = (100, 256, 512, 1024, 784)
    layers = [inputs * outputs for inputs, outputs in pairwise(widths)]
    released = onnx.load(str(ROOT / "exported/digits.onnx")).graph.initializer
    weights = sum(math.prod(each.dims) for each in released)
    return [round(sum(layers) / Generator().info.macs, 2), (sum(layers) + sum(widths[1:])) // weights]


def _levels() -> Numbers:
    levels = {aspect.name: 100 * aspect.level for aspect in verdict.COSTS}
    return [levels["training cost"], levels["stability"]]


STATED: list[tuple[str, str, Callable[[], Numbers]]] = [
    ("README.md", r"vary ([\d.]+) to ([\d.]+)\s+times as much \(variances\)", _within_writers),
    ("docs/family.md", r"\| (?:at most )?(\d+) epochs of \d+ \|", _epochs),
    ("docs/family.md", r"averaged over windows of (\d+) steps", lambda: [ScorpOptions.window]),
    ("docs/family.md", r"by less than (\d+) %, three windows", lambda: [100 * ScorpOptions.tolerance]),
    (
        "docs/family.md",
        r"faded in, over ([\d,]+) steps; .* when (\d+) % of all steps",
        lambda: [ScorpOptions.fade_steps, 100 * ScorpOptions.longest_share],
    ),
    ("docs/family.md", r"right about more than (\d+) % of a batch", lambda: [100 * MlpOptions.too_often]),
    ("docs/family.md", r"by (\d+) % of a cost, or by (\d+) % of a deviation", _levels),
    ("docs/letters.md", r"([\d,]+) of 10,000 remain", _capitals),
    (
        "docs/letters.md",
        r"turned by up to (\d+) degrees, sheared by up to ([\d.]+), stretched by up to (\d+) %",
        lambda: [variants.ROTATION, variants.SHEAR, 100 * variants.STRETCH],
    ),
    (
        "docs/letters.md",
        r"pen of up to\s+([\d.]+) px more or less .* \(at most (\d+) % of its thickness",
        lambda: [variants.PEN, round(100 * variants.PEN_SHARE)],
    ),
    (
        "docs/letters.md",
        r"so that (\d+) % of an epoch are digits",
        lambda: [round(1000 * letters._DIGIT_SHARE / (10 * letters._DIGIT_SHARE + 26))],
    ),
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
    (
        "docs/model-format.md",
        r"(?:have|products|read|There are) at most 2\^(\d+)\s",
        lambda: [
            most.bit_length() - 1
            for most in (
                graph_size.MOST_NUMBERS,
                graph_size.MOST_WORK,
                graph_size.MOST_READ,
                graph_size.MOST_NODES,
            )
        ],
    ),
    (
        "docs/performance.md",
        r"the (\d+) golden cases of digits 0.5.0 and of letters 0.2.0",
        lambda: [len(json.loads((ROOT / "exported/digits.golden.json").read_text("utf-8"))["cases"])],
    ),
    (
        "docs/performance.md",
        r"dense generator .* it has ([\d.]+) of the multiply-adds.*\s.* price of (\d+) times the weights",
        _dense,
    ),
    ("docs/performance.md", r"One digit is ([\d,]+) multiply-adds", lambda: [Generator().info.macs]),
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
        "docs/scale.md",
        r"one file of (\d+) GB by the last process",
        lambda: [SIDE * SIDE],
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


@pytest.mark.parametrize("document", ["docs/training.md", "docs/letters.md", "scorp_train/README.md"])
def test_a_run_folder_is_named_after_a_released_recipe(document: str) -> None:
    named = re.findall(r"\bruns/(\S+ep)\b", (ROOT / document).read_text("utf-8"))
    letters = preset("letters", None)
    plans = [Options(), Options(data=letters["data"], epochs=letters["epochs"])]
    assert named
    assert set(named) <= {f"00000-{plan.model}-{plan.data}-{plan.epochs}ep" for plan in plans}


def _table(document: str, head: str) -> dict[str, list[float]]:
    """The rows below a head that begins so: the first number of each cell, by what the row is of."""
    text = (ROOT / document).read_text("utf-8")
    (table,) = re.findall(rf"^{re.escape(head)}.*\n\| ---.*\n((?:\|.*\n)+)", text, re.MULTILINE)
    rows = [[cell.strip() for cell in row.strip("|").split("|")] for row in table.splitlines()]
    return {
        name: [float(_NUMBER.findall(cell)[0].replace(",", "")) for cell in cells] for name, *cells in rows
    }


def test_how_many_capitals_there_are_follows_from_the_table() -> None:
    counts = _table("docs/letters.md", "| collection | training")
    collections = ("EMNIST", "A-Z of NIST SD19", "SSE-letters", "Chars74K")
    training, apart = (sum(counts[name][place] for name in collections) for place in (0, 1))
    text = (ROOT / "docs/letters.md").read_text("utf-8")
    told = re.findall(r"of the ([\d,]+) test\s+capitals the (\d+) of .* the other (\d+) may", text)
    known = counts["SSE-letters"][1] + counts["Chars74K"][1]
    assert [float(number.replace(",", "")) for number in told[0]] == [apart, known, apart - known]
    (share,) = re.findall(r"with 100 of each class, (\d+) % of the test pictures", text)
    assert int(share) == int(100 * 1000 / (1000 + apart))
    (real,) = re.findall(
        r"the real side has ([\d,]+) pictures", (ROOT / "docs/evaluation.md").read_text("utf-8")
    )
    assert float(real.replace(",", "")) == training


def test_what_is_said_of_hands_follows_from_the_table() -> None:
    """In docs/letters.md: how collections of capitals differ from MNIST in thickness, slant, width and height."""
    means = _table("docs/letters.md", "| pictures | thickness, px")
    mnist = means.pop("MNIST")
    capitals = {name: np.subtract(row, mnist) for name, row in means.items() if "variants" not in name}
    off = {name: [float(f"{each:.2f}") for each in row] for name, row in capitals.items()}
    text = (ROOT / "docs/letters.md").read_text("utf-8")
    (told,) = re.findall(
        r"thickness lies within ([\d.]+) px .* varied \(([\d.]+) px;.* differ by up to (\d+) degrees.*\s"
        r".*Capitals are ([\d.]+) to ([\d.]+) px wider",
        text,
    )
    others = [row for name, row in off.items() if name != "Chars74K"]
    assert max(abs(row[0]) for row in others) <= float(told[0])
    assert abs(off["Chars74K"][0]) == pytest.approx(float(told[1]), abs=0.05)
    assert max(abs(row[1]) for row in off.values()) <= float(told[2])
    widths = [round(row[2], 1) for row in off.values()]
    assert [min(widths), max(widths)] == [float(told[3]), float(told[4])]
    assert min(row[3] for name, row in off.items() if name != "EMNIST") >= -1


def test_a_shard_of_parquet_is_as_large_as_the_table_says() -> None:
    bytes_each = _table("docs/scale.md", "| format | pictures")["`parquet`"][4]
    text = (ROOT / "docs/scale.md").read_text("utf-8")
    (told,) = re.findall(r"one has (\d+) MB in Parquet", text)
    assert 0 <= float(told) - bytes_each * (1 << 16) / 1e6 < 1


def test_what_64_vcpus_would_take_follows_from_the_table() -> None:
    """In docs/scale.md; rounded against us."""
    text = (ROOT / "docs/scale.md").read_text("utf-8")
    (row,) = re.findall(r"^\| `parquet` \|.*\| ([\d.]+) \| (\d+) \|$", text, re.MULTILINE)
    hours, gigabytes = map(float, row)
    (told,) = re.findall(r"Parquet in about (\d+) minutes, if the disk takes the (\d+) MB/s", text)
    minutes, rate = map(float, told)
    assert 0 <= minutes - 60 * hours / 64 < 1
    assert 0 <= rate - gigabytes * 1000 / (60 * minutes) < 10
