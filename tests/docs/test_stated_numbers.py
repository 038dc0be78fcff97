"""Numbers of the documents that follow from the code, from the models or from files are told as they are."""

import json
import math
import re
import signal
from collections.abc import Callable
from inspect import signature
from itertools import pairwise
from pathlib import Path

import numpy as np
import onnx
import pytest

from scorp_runtime import Generator
from scorp_runtime.cli import draw, process, text
from scorp_runtime.model import metadata, onnx_reader
from scorp_runtime.model.limits import graph_size
from scorp_runtime.sampling import writer
from scorp_runtime.text import page
from scorp_runtime.web import server
from scorp_train.cli import letter_case, scan_sheet
from scorp_train.data import augmentation, emnist, image_folder, letters, mnist_form
from scorp_train.data.dataset import SIDE
from scorp_train.evaluation import sample_sizes, use, verdict
from scorp_train.export import release
from scorp_train.judge.network import FEATURES
from scorp_train.measures import style
from scorp_train.measures.neighbours import manifold_scores
from scorp_train.models.family import fully_connected
from scorp_train.models.family.fully_connected import DenseOptions, MlpOptions
from scorp_train.models.family.scorp import ScorpOptions
from scorp_train.models.multires_options import MultiresOptions
from scorp_train.training.options import Options
from scorp_train.training.presets import preset
from scorp_train.training.trainer import GROUP, SCORED

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


def _python() -> Numbers:
    (least,) = re.findall(r'requires-python = ">=([\d.]+)"', (ROOT / "pyproject.toml").read_text("utf-8"))
    return [float(least)]


def _onnxruntime_web() -> Numbers:
    packages = json.loads((ROOT / "web/package-lock.json").read_text("utf-8"))["packages"]
    return [float(packages["node_modules/onnxruntime-web"]["version"].rpartition(".")[0])]


def _levels() -> Numbers:
    levels = {aspect.name: 100 * aspect.level for aspect in verdict.COSTS}
    return [levels["training cost"], levels["stability"]]


STATED: list[tuple[str, str, Callable[[], Numbers]]] = [
    ("README.md", r"vary ([\d.]+) to ([\d.]+)\s+times as much \(variances\)", _within_writers),
    ("README.md", r"Python ([\d.]+) or newer", _python),
    ("README.md", r"the (\d+) epochs took", lambda: [Options.epochs]),
    ("README.md", r"beside real handwriting: ([\d,]+) digits each", lambda: [sample_sizes.FULL.count]),
    (
        "docs/evaluation.md",
        r"report measures ([\d,]+) pictures, `--quick` ([\d,]+);",
        lambda: [sample_sizes.FULL.count, sample_sizes.QUICK.count],
    ),
    (
        "docs/evaluation.md",
        r"discrimination.py` \(([\d,]+) pictures each",
        lambda: [sample_sizes.QUICK.count],
    ),
    ("docs/evaluation.md", r"The judge's (\d+) features", lambda: [FEATURES]),
    (
        "docs/evaluation.md",
        r"manifold, k = (\d+) ",
        lambda: [signature(manifold_scores).parameters["k"].default],
    ),
    ("docs/evaluation.md", r"\(([\d,]+) of a model\), tested on real", lambda: [sample_sizes.FULL.use_all]),
    ("docs/evaluation.md", r"start of the weights: ([\d.]+) points", lambda: [100 * use._NOISE_ALL]),
    (
        "docs/evaluation.md",
        r"along the slant between the (\d+) % and\s+(\d+) %",
        lambda: [100 * style._OUTSIDE, 100 - 100 * style._OUTSIDE],
    ),
    ("docs/family.md", r"a grid at epoch (\d+) ", lambda: [preset("digit-generator", None)["epochs"] - 1]),
    (
        "docs/family.md",
        r"connected layers: (\d+) numbers of noise.* digits after ([\d,]+) steps",
        lambda: [DenseOptions.latent, float(preset("dense", None)["sample_steps"].split(",")[-1])],
    ),
    (
        "docs/family.md",
        r"hidden layers (\d+), (\d+), ([\d,]+); .* digits after (\d+) epochs",
        lambda: [*fully_connected.WIDTHS, preset("mlp", None)["epochs"]],
    ),
    ("docs/family.md", r"letter after (\d+) epochs", lambda: [preset("single-class", None)["epochs"]]),
    ("docs/family.md", r"with a line per (\d+)\s+steps", lambda: [GROUP]),
    ("docs/family.md", r"rate falls by (\d+) % a step", lambda: [100 * MlpOptions.slower]),
    (
        "docs/family.md",
        r"every epoch \(of ([\d,]+) digits\), and stand in the file \(of all ([\d,]+)\)",
        lambda: [SCORED, release.SCORED],
    ),
    (
        "docs/family.md",
        r"`dense` \((\d+) epochs\) and `single-class` \((\d+)\)",
        lambda: [preset(name, None)["epochs"] for name in ("dense", "single-class")],
    ),
    (
        "docs/letters.md",
        r"(?:has|of the|With) (\d+) classes",
        lambda: [len(letters.CLASSES)] * 3,
    ),
    (
        "docs/letters.md",
        r"a classifier of (\d+) classes\s(?:.*\n)?.*is above ([\d.]+), and it is that letter at all\s+with ([\d.]+);",
        lambda: [2 * letter_case.LETTERS, letter_case.SURE, letter_case.FITS_WELL],
    ),
    ("docs/letters.md", r"order of the file, at most (\d+);", lambda: [letters._MOST_HELD_OUT]),
    (
        "docs/letters.md",
        r"fewer pictures up to ([\d,]+) with gentle",
        lambda: [preset("letters", None)["variants"]],
    ),
    ("docs/letters.md", r"fills the box of (\d+) pixels", lambda: [mnist_form.BOX]),
    (
        "docs/letters.md",
        r"of its ([\d,]+) steps are those",
        lambda: [Generator("letters").info.recipe["steps"]],
    ),
    ("docs/letters.md", r"--data mnist` \(([\d,]+); 2", lambda: [sample_sizes.FULL.count]),
    ("docs/letters.md", r"`gzip.zip` \((\d+) MB\)", lambda: [math.ceil(emnist.SIZE / 1e6)]),
    ("docs/own-handwriting.md", r"At least (\d+) of each class", lambda: [image_folder._FEWEST]),
    ("docs/own-handwriting.md", r"longer side of the ink is (\d+) pixels", lambda: [mnist_form.BOX]),
    ("docs/own-handwriting.md", r"Two sheets give (\d+) pictures", lambda: [2 * scan_sheet.COLUMNS]),
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
        lambda: [augmentation.ROTATION, augmentation.SHEAR, 100 * augmentation.STRETCH],
    ),
    (
        "docs/letters.md",
        r"pen of up to\s+([\d.]+) px more or less .* \(at most (\d+) % of its thickness",
        lambda: [augmentation.PEN, round(100 * augmentation.PEN_SHARE)],
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
    ("docs/model-format.md", r"line feeds, at most (\d+) in all", lambda: [page.LONGEST]),
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
    ("docs/reliability.md", r"at most 2\^(\d+) parts", lambda: [onnx_reader._MOST_PARTS.bit_length() - 1]),
    ("docs/reliability.md", r"at most 2\^(\d+) characters", lambda: [metadata._LARGEST.bit_length() - 1]),
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
    ("docs/training.md", r"noise counts ([\d.]+) times", lambda: [MultiresOptions.latent_scale]),
    ("docs/training.md", r"ink of letters is (\d+) grey", lambda: [preset("letters", None)["ink_cut"]]),
    ("docs/training.md", r"from a code of (\d+) numbers", lambda: [MultiresOptions.code]),
    (
        "docs/reliability.md",
        r"(\d) failed, (\d) wrong usage, (\d) bad model, (\d+) interrupted; (\d+) ended by SIGTERM,\s+"
        r"(\d+) by SIGHUP, and (\d+) where",
        lambda: [
            process.FAILED,
            process.WRONG_USAGE,
            process.BAD_MODEL,
            *(128 + number for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)),
            process.BROKEN_PIPE,
        ],
    ),
    (
        "docs/training.md",
        r"^\| (?:codes|flow|front|adversarial) \| ([\d.]+)(?: of (\d+))? \| [a-z]",
        _stages,
    ),
    ("docs/web.md", r"onnxruntime-web ([\d.]+)\)", _onnxruntime_web),
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
