"""The figures of the released model and the sizes in the documents are those of the card and of the files.

A figure of the README may be rounded, but not in the model's favour by more than its last digit allows.
"""

import json
import math
import re
import runpy
from collections.abc import Callable, Mapping
from itertools import accumulate
from pathlib import Path
from statistics import median
from typing import Any

import pytest

from scorp_runtime import Generator
from scorp_train.cli.train import main as scorp_train
from scorp_train.models.multires_options import MultiresOptions
from scorp_train.training.options import Options

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text("utf-8")
CARD = (ROOT / "exported/digits.md").read_text("utf-8")
JUDGE = (ROOT / "scorp_train/judge/models/mnist.md").read_text("utf-8")
PERFORMANCE = (ROOT / "docs/performance.md").read_text("utf-8")
RUN = json.loads((ROOT / "docs/performance.json").read_text("utf-8"))
IMPORTS = "import numpy, onnxruntime, PIL.Image"
SHEET = "scorp-gen 7 --count 64 out.png"

ROWS = {
    "read as asked by a classifier": [("label_accuracy", 100)],
    "Frechet distance": [("frechet_distance", 1)],
    "precision, recall, coverage": [("precision", 1), ("recall", 1), ("coverage", 1)],
    "a CNN trained on 60,000": [("use_all", 100)],
    "near-copies": [("near_copies", 100)],
    "visible speck": [("specks", 100)],
    "knobs, asked against measured": [("thickness_error", 1), ("slant_error", 1), ("width_error", 1)],
    "at the ends of a knob": [("thickness_accuracy", 100), ("slant_accuracy", 100), ("width_accuracy", 100)],
}
"""Rows of the README's table, and the figures of the card that they tell, by what they are multiplied."""

LETTERS_ROWS = {
    "read as asked, %": [("label_accuracy", 100)],
    "Frechet distance": [("frechet_distance", 1)],
    "precision, recall, coverage": [("precision", 1), ("recall", 1), ("coverage", 1)],
    "a CNN trained on 60,000 of them reads real digits, %": [("use_all", 100)],
    "near-copies of training digits, %": [("near_copies", 100)],
    "visible specks, %": [("specks", 100)],
    "knobs, asked against measured: px, degrees, px": [
        ("thickness_error", 1),
        ("slant_error", 1),
        ("width_error", 1),
    ],
}
"""Rows of the table in docs/letters.md: the digits of two letters models, of the digits model, and real ones."""

SIZES = [
    ("README.md", r"a generator of (\d+) kB", ["exported/digits.onnx"], 1000),
    ("README.md", r"`letters`, of (\d+) kB", ["exported/letters.onnx"], 1000),
    ("docs/web.md", r"\| the model \| ([\d,]+) \|", ["exported/digits.onnx"], 1),
    ("docs/web.md", r"packed page is ([\d,]+)\s+bytes", ["scorp_runtime/web/page/*"], 1),
    ("docs/evaluation.md", r"and is (\d+) kB\.", ["scorp_train/judge/models/mnist.onnx"], 1000),
    ("docs/letters.md", r"letters\.md\), (\d+) kB", ["scorp_train/judge/models/letters.onnx"], 1000),
    ("exported/digits.md", r"\| file \| ([\d,]+) bytes", ["exported/digits.onnx"], 1),
    ("exported/letters.md", r"\| file \| ([\d,]+) bytes", ["exported/letters.onnx"], 1),
]
"""A document, where it tells a size, of which files, in what unit of bytes."""

MEASURED = ["docs/performance.md", "docs/scale.md", "docs/training.md", "docs/web.md", "README.md"]
"""Documents with figures of speed."""


def measured(name: str) -> tuple[float, float | None]:
    """Return a figure of the card's last table, and the same of real pictures if it has one."""
    section = CARD.partition("## Measured by")[2]
    row = re.search(rf"^\| {name} \| (\S+)[^|]*\| (\S+)", section, re.MULTILINE)
    assert row is not None, name
    return float(row[1]), None if row[2] == "-" else float(row[2])


def rounded(text: str, exact: float) -> bool:
    """Whether a number as written is the exact one, rounded to its digits either way."""
    digits = len(text.partition(".")[2])
    return abs(float(text) - exact) < 10**-digits


def rounded_up(text: str, exact: float) -> bool:
    """Whether a cost as written is the exact one, rounded to its digits against us."""
    return 0 <= float(text) - exact < 10 ** -len(text.partition(".")[2])


@pytest.mark.parametrize("row", ROWS)
def test_the_readme_tells_the_scores_of_the_card(row: str) -> None:
    (line,) = [line for line in README.splitlines() if line.startswith("|") and row in line]
    model, real = (re.findall(r"\d+(?:\.\d+)?", cell) for cell in line.split("|")[2:4])
    exact = [(measured(name), scale) for name, scale in ROWS[row]]
    assert len(model) == len(exact)
    for told, ((figure, _), scale) in zip(model, exact, strict=True):
        assert rounded(told, figure * scale)
    for told, ((_, figure), scale) in zip(real, exact, strict=False):
        assert figure is not None
        assert rounded(told, figure * scale)


@pytest.mark.parametrize("row", LETTERS_ROWS)
def test_digits_of_the_letters_model_are_told_as_reported(row: str) -> None:
    """By the reports of `scorp-eval letters --data mnist`, which lie beside the document, and the digits' card."""
    report, again = (
        json.loads((ROOT / f"docs/letters-{name}.json").read_text("utf-8")) for name in ("digits", "again")
    )
    assert report["source"]["version"] == Generator("letters").info.version
    text = (ROOT / "docs/letters.md").read_text("utf-8")
    (line,) = re.findall(rf"^\| {re.escape(row)} \|(.*)\|$", text, re.MULTILINE)
    told = [re.findall(r"\d*\.\d+", cell) for cell in line.split("|")]
    for place, (name, scale) in enumerate(LETTERS_ROWS[row]):
        trained = (each["figures"][name]["value"] for each in (report, again))
        exact = (*trained, *measured(name))
        for column, figure in zip(told, exact, strict=True):
            assert (figure is None) == (not column)
            assert figure is None or rounded(column[place], figure * scale)


def test_capitals_of_the_letters_model_are_told_as_on_their_card() -> None:
    card = (ROOT / "exported/letters.md").read_text("utf-8").partition("## Measured by")[2]
    text = (ROOT / "docs/letters.md").read_text("utf-8")
    (told,) = re.findall(
        r"([\d.]+) % of its capitals are\s+read right among capitals \(real ([\d.]+)\), .* reads ([\d.]+) % of the "
        r"held-out ones \(from the real ones ([\d.]+)\), recall is ([\d.]+) \(real ([\d.]+)\), and ([\d.]+) % have\s+"
        r"a speck beside the strokes \(real ([\d.]+)\)",
        text,
    )
    names = [("capital_accuracy", 100), ("use_capitals", 100), ("recall", 1), ("specks", 100)]
    rows = [re.search(rf"^\| {name} \| (\S+) \| (\S+) \|", card, re.MULTILINE) for name, _ in names]
    exact = [
        float(figure) * scale
        for row, (_, scale) in zip(rows, names, strict=True)
        if row
        for figure in row.groups()
    ]
    assert all(rounded(number, figure) for number, figure in zip(told, exact, strict=True))


def test_the_judge_is_as_good_as_its_card_says() -> None:
    (told,) = re.findall(r"\*?read right on the test split \| ([\d.]+)%", JUDGE)
    assert f"a classifier of {told} %" in README


def test_the_readme_is_about_the_bundled_model() -> None:
    info = Generator().info
    assert CARD.startswith(f"# {info.name} {info.version}\n")
    assert set(re.findall(r"digits (\d+\.\d+\.\d+)", README)) == {info.version}


@pytest.mark.parametrize(("document", "pattern", "files", "unit"), SIZES)
def test_a_size_is_that_of_the_files(document: str, pattern: str, files: list[str], unit: int) -> None:
    told = re.findall(pattern, (ROOT / document).read_text("utf-8"))
    # Rounded up: a size is a cost.
    size = sum(path.stat().st_size for glob in files for path in ROOT.glob(glob))
    assert [int(number.replace(",", "")) for number in told] == [math.ceil(size / unit)]


@pytest.mark.parametrize("document", MEASURED)
def test_figures_of_speed_name_the_machine(document: str) -> None:
    assert re.search(r"Intel Xeon|AMD EPYC", (ROOT / document).read_text("utf-8"))


def test_promises_of_speed_are_told_as_measured() -> None:
    for bar in runpy.run_path(str(ROOT / "benchmarks/bars.py"))["BARS"]:
        value = bar.value(RUN["figures"])
        verdict = "kept" if bar.kept(value) else "**missed**"
        assert re.search(
            rf"^\| {re.escape(bar.what)} \| {value:.3g} \| .= {bar.bound:g} \| {re.escape(verdict)} \|$",
            PERFORMANCE.replace("`", ""),
            re.MULTILINE,
        ), bar.what


def test_where_the_time_goes_is_told_as_measured() -> None:
    """The tables that sum up operators and operations."""
    drawing, spent = RUN["figures"]["drawing"], RUN["figures"]["operators"]["us_per_digit"]
    kinds = [("Conv", "ConvTranspose"), ("Gemm", "MatMul"), ("Concat", "Resize", "Reorder", "Reshape")]
    sums = [sum(us for name, us in spent.items() if name.startswith(kind)) for kind in kinds]
    (limit,) = re.findall(r"^## The limit\n(.*?)(?=^## )", PERFORMANCE, re.MULTILINE | re.DOTALL)
    told = [float(us) for us in re.findall(r"^\| .*\| ([\d.]+) \|$", limit, re.MULTILINE)]
    assert told == pytest.approx([*sums, RUN["figures"]["operators"]["us_of_all"] - sum(sums)], abs=0.2)
    assert f"The runtime draws {drawing['digits_per_second']:,.0f}," in limit
    bare, whole = (drawing["one_digit_us"][name]["p50"] for name in ("bare", "generate"))
    assert f"for one digit takes {bare:.0f} us, `generate` {whole:.0f}." in PERFORMANCE
    training = (ROOT / "docs/training.md").read_text("utf-8")
    for what, codes, adversarial in re.findall(
        r"^\| ([a-z ]+)[:,a-z ]* \| (\S+) % \| (\S+) % \|$", training, re.MULTILINE
    ):
        for stage, share in (("codes", codes), ("adversarial", adversarial)):
            assert rounded(share, 100 * RUN["figures"]["training"]["share_of_time"][stage][what])


def test_the_released_training_took_what_its_log_says() -> None:
    lines = (ROOT / "docs/digits-training.jsonl").read_text("utf-8").splitlines()
    groups = [line for line in map(json.loads, lines) if line["kind"] == "group"]
    options, steps = MultiresOptions(), Generator().info.recipe["steps"]
    shares = (options.codes_share, options.flow_share, options.front_share)
    ends = [*accumulate(shares), 1 - options.quantise_share, 1.0]
    text = (ROOT / "docs/training.md").read_text("utf-8")
    rows = re.findall(r"^\| [a-z, ]+ \| ([\d,]+) \| ([\d.]+) \| ([\d.]+) \|$", text, re.MULTILINE)
    begin, total = 0, 0.0
    for (rate, epochs, minutes), share in zip(rows, ends, strict=True):
        due = [line for line in groups if begin < line["step"] <= round(steps * share)]
        took = sum(line["steps"] * Options.batch / line["images_per_second"] for line in due) / 60
        assert rounded(rate.replace(",", ""), median(line["images_per_second"] for line in due))
        assert rounded_up(minutes, took)
        assert abs(float(epochs) - Options.epochs * (round(steps * share) - begin) / steps) < 0.05
        begin, total = round(steps * share), total + took
    assert all(rounded_up(told, total) for told in re.findall(r"took ([\d.]+)\s+minutes", text + README))
    (hundred,) = re.findall(r"A hundred epochs .* would take (\d+) minutes", text)
    assert rounded_up(hundred, total * 100 / Options.epochs)


@pytest.mark.parametrize(
    ("log", "said"),
    [
        ("letters-training.jsonl", r"Its training took ([\d.]+) minutes"),
        ("letters-again.jsonl", r"which took ([\d.]+) minutes"),
    ],
)
def test_a_training_of_letters_took_what_its_log_says(log: str, said: str) -> None:
    lines = map(json.loads, (ROOT / "docs" / log).read_text("utf-8").splitlines())
    groups = [line for line in lines if line["kind"] == "group"]
    assert sum(line["steps"] for line in groups) == Generator("letters").info.recipe["steps"]
    minutes = sum(line["steps"] * Options.batch / line["images_per_second"] for line in groups) / 60
    (told,) = re.findall(said, (ROOT / "docs/letters.md").read_text("utf-8"))
    assert rounded_up(told, minutes)


def test_two_threads_train_as_fast_as_their_run_says() -> None:
    run = json.loads((ROOT / "docs/training-two-threads.json").read_text("utf-8"))
    text = (ROOT / "docs/training.md").read_text("utf-8")
    (said,) = re.findall(r"measures ([^:]+): ([\d.]+) minutes for (\d+) epochs, ([\d.]+) for a hundred", text)
    rates = [int(rate.replace(",", "")) for rate in re.findall(r"\d[\d,]+", said[0])]
    assert rates == list(run["pictures_per_second"]["auto"].values())
    assert int(said[2]) == Options.epochs
    assert rounded_up(said[1], run["minutes"])
    assert rounded_up(said[3], run["minutes"] * 100 / Options.epochs)


def _limit(figures: Any) -> float:
    drawing = figures["drawing"]
    return float(drawing["multiply_adds_per_second"] / drawing["multiply_adds_per_digit"])


def _large_batches(figures: Any) -> list[Mapping[str, float]]:
    return [figures["peers"]["us_per_digit"][batch] for batch in ("64", "256")]


PROSE = [
    (r"at ([\d.]+) thousand million multiply-adds", lambda f: f["drawing"]["multiply_adds_per_second"] / 1e9),
    (
        r"no program that .* draws more than about ([\d,]+) digits",
        _limit,
    ),
    (r"digits per second,\s+one in (\d+) us\.", lambda f: 1e6 / _limit(f)),
    (r"one in (\d+) us: three quarters", lambda f: 1e6 / f["drawing"]["digits_per_second"]),
    (r"picture, (\d+) ms are ours", lambda f: f["starting"]["ms"][SHEET] - f["starting"]["ms"][IMPORTS]),
    (r"these sum to (\d+) us", lambda f: f["operators"]["us_of_all"]),
    (r"where one takes (\d+) without it", lambda f: 1e6 / f["drawing"]["digits_per_second"]),
    (r"keeps a core busy\s+for ([\d.]+) % of the time", lambda f: 100 * f["idle"]["share_of_a_core"]),
    (r"a call for 256 digits is ([\d.]+) times as fast", lambda f: f["peers"]["dcgan_28_over_generate"]),
    (
        r"dense generator is faster by (\d+) % at most",
        lambda f: max(100 * (of["generate"] / of["dense"] - 1) for of in _large_batches(f)),
    ),
    (r"of which importing numpy, onnxruntime and Pillow (\d+) ms", lambda f: f["starting"]["ms"][IMPORTS]),
]
"""Where the text of docs/performance.md tells a figure of the run, and which."""


@pytest.mark.parametrize(("pattern", "figure"), PROSE, ids=lambda part: str(part)[:40])
def test_a_figure_in_the_text_is_that_of_the_run(pattern: str, figure: Callable[[Any], float]) -> None:
    (told,) = re.findall(pattern, PERFORMANCE, re.DOTALL)
    exact = figure(RUN["figures"])
    assert abs(float(told.replace(",", "")) - exact) <= (
        100 if "," in told else 10 ** -len(told.partition(".")[2])
    )


PEERS = {
    "`Generator.generate`": "generate",
    "the same network, onnxruntime": "session",
    "the same network, torch eager": "torch_eager",
    "the same network, `torch.compile`": "torch_compiled",
    "dense 256-512-1024 in torch, no classes and no knobs": "dense",
    "DCGAN in torch, 64 x 64 pixels, as torch's examples have it": "dcgan",
    "DCGAN in torch, 28 x 28 pixels, as TensorFlow's tutorial has it": "dcgan_28",
}


@pytest.mark.parametrize("row", PEERS)
def test_peers_are_as_fast_as_in_the_run(row: str) -> None:
    times = RUN["figures"]["peers"]["us_per_digit"]
    cells = [f"{times[batch][PEERS[row]]:,.0f}" for batch in ("1", "16", "64", "256")]
    assert f"\n| {' | '.join([row, *cells])} |\n" in PERFORMANCE


def test_drawing_is_as_fast_as_in_the_run() -> None:
    """Costs are rounded up, speeds down."""
    figures = RUN["figures"]
    drawing, ms = figures["drawing"], figures["starting"]["ms"]
    memory = figures["memory"]["megabytes_by_threads"]
    calls = [drawing["latency_us"][batch] for batch in ("1", "8", "64", "256", "1024")]
    rows = {
        "a call for 1, 8, 64, 256, 1024 digits, median": [_up(call["p50"]) for call in calls],
        "the same, 99 of 100 calls": [_up(call["p99"]) for call in calls],
        "digits per second, one thread, two": map(_down, drawing["digits_per_second_by_threads"].values()),
        "digits per second of the NumPy backend": [_down(drawing["numpy_digits_per_second"])],
        "peak memory of 1,000 digits, of 1,000,000, one thread": map(_megabytes, memory["1"].values()),
        "the same, two threads": map(_megabytes, memory["2"].values()),
        "process that draws 64 sevens into a picture": [
            f"{_up(ms[SHEET])} ms",
            f"of which importing numpy, onnxruntime and Pillow {_down(ms[IMPORTS])} ms",
        ],
        "model, wheel with both models and the page": [f"{size:,}" for size in figures["sizes"].values()],
    }
    told = dict(re.findall(r"^\| ([^|]+) \| ([^|]+?)(?: us| bytes)? \|$", PERFORMANCE, re.MULTILINE))
    assert {name: told[name] for name in rows} == {name: ", ".join(cells) for name, cells in rows.items()}


def _up(cost: float) -> str:
    return f"{math.ceil(cost):,}"


def _down(speed: float) -> str:
    return f"{math.floor(speed):,}"


def _megabytes(size: float) -> str:
    return f"{math.ceil(10 * size) / 10} MB"


def test_the_run_of_figures_is_dated_and_of_a_released_version() -> None:
    assert RUN["machine"]["date"] in PERFORMANCE
    assert f"All figures are {RUN['machine']['model']} " in PERFORMANCE
    assert RUN["machine"]["processor"] in PERFORMANCE


@pytest.mark.parametrize("name", ["digits", "letters"])
def test_a_card_tells_what_its_model_file_holds(name: str) -> None:
    info, card = Generator(name).info, (ROOT / f"exported/{name}.md").read_text("utf-8")
    assert f"{info.macs:,} multiply-adds" in card
    assert info.weights_sha256 in card
    section = card.partition("## Scores, measured at export")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| ([a-z ]+) \| ([\d.]+) \| ([\d.]+|-) \|", section, re.MULTILINE)
    told = {row.replace(" ", "_"): float(score) for row, score, _ in rows}
    told |= {f"real_{row.replace(' ', '_')}": float(real) for row, _, real in rows if real != "-"}
    assert told == info.scores


@pytest.mark.parametrize("name", ["digits", "letters"])
def test_a_preset_is_the_recipe_of_the_released_model(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    recipe = Generator(name).info.recipe["options"]
    threads = str(recipe["training"]["threads"])
    assert scorp_train(["--preset", name, "--threads", threads, "--dry-run"]) == 0
    planned = json.loads(capsys.readouterr().out)
    for part in ("training", "model"):
        recorded = {key: value for key, value in recipe[part].items() if value != "auto" or key == "layout"}
        assert {key: planned[part][key] for key in recorded} == recorded


def test_the_log_of_experiments_ends_with_the_released_model() -> None:
    log = (ROOT / "docs/experiments.md").read_text("utf-8")
    info = Generator().info
    (row,) = re.findall(
        rf"^\| .*released as digits {re.escape(info.version)}\*\* \|(.*)\|$", log, re.MULTILINE
    )
    names = (
        "label_accuracy",
        "frechet_distance",
        "precision",
        "recall",
        "coverage",
        "use_all",
        "specks",
        "slant_error",
    )
    scales = (100, 1, 1, 1, 1, 100, 100, 1)
    scores = dict(info.scores) | {"use_all": measured("use_all")[0]}
    told = re.findall(r"\d*\.\d+", row)
    assert len(told) == len(names)
    assert all(
        rounded(text, scores[name] * scale) for text, name, scale in zip(told, names, scales, strict=True)
    )
