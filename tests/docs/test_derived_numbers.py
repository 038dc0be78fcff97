"""What the documents say of a table, or of the data, follows from it."""

import json
import math
import re
from pathlib import Path

import numpy as np
import pytest

from scorp_train.data import letters
from scorp_train.evaluation.human_results import wilson_interval

ROOT = Path(__file__).resolve().parents[2]
EVALUATION, LETTERS, SCALE = (
    (ROOT / f"docs/{name}.md").read_text("utf-8") for name in ("evaluation", "letters", "scale")
)
COLLECTIONS = ("EMNIST", "A-Z of NIST SD19", "SSE-letters", "Chars74K")
_NUMBER = re.compile(r"[\d.,]+")


def table(text: str, head: str) -> dict[str, list[float]]:
    """The rows below a head that begins so: the first number of each cell, by what the row is of."""
    (rows,) = re.findall(rf"^{re.escape(head)}.*\n\| ---.*\n((?:\|.*\n)+)", text, re.MULTILINE)
    cells = [[cell.strip() for cell in row.strip("|").split("|")] for row in rows.splitlines()]
    return {name: [number(_NUMBER.findall(cell)[0]) for cell in others] for name, *others in cells}


def number(told: str) -> float:
    return float(told.replace(",", ""))


def numbers(pattern: str, text: str) -> list[float]:
    """What the groups of the only match tell."""
    (match,) = re.finditer(pattern, text)
    return [number(told) for told in match.groups()]


def test_how_many_capitals_there_are_follows_from_the_table() -> None:
    counts = table(LETTERS, "| collection | training")
    training, apart = (sum(counts[name][place] for name in COLLECTIONS) for place in (0, 1))
    _, nist, sse, chars = (counts[name][1] for name in COLLECTIONS)
    assert numbers(r"of the ([\d,]+) test\s+capitals the (\d+) of .* the other (\d+) may", LETTERS) == [
        apart, sse + chars, nist,
    ]  # fmt: skip
    assert numbers(r"with 100 of each class, (\d+) % of the test", LETTERS) == [100_000 // (1000 + apart)]
    rows = (
        r"\| MNIST, ([\d,]+) ",
        r"capitals \| all, ([\d,]+) ",
        r"\| Chars74K, (\d+), ",
        r"\| SSE-letters, (\d+), ",
    )
    assert [numbers(row, LETTERS) for row in rows] == [[1000], [apart], [chars], [sse]]
    assert numbers(r"A-Z of NIST SD19, (\d+), perhaps", LETTERS) == [nist]
    assert numbers(r"any of the 36 \| all, ([\d,]+) \|", LETTERS) == [1000 + apart]
    assert numbers(r"the real side has ([\d,]+) pictures", EVALUATION) == [training]
    assert numbers(r"student cards, (\d+) of the letters", LETTERS) == [
        np.count_nonzero(counts["SSE-letters"][2:])
    ]
    assert numbers(r"tablet strokes of (\d+) writers", LETTERS) == [max(counts["Chars74K"][2:])]


def test_whose_letters_are_held_out_is_told_as_it_is() -> None:
    path = letters.find_letters()
    if path is None:
        pytest.skip("IS NOT TESTED HERE: letters.npz is not on this machine")
    capitals = letters.read_capitals(path)
    apart = letters.held_out(capitals)
    writers = [
        len(np.unique(capitals.writer[(capitals.source == source) & chosen]))
        for source in (letters.SSE, letters.CHARS74K)
        for chosen in (apart, True)
    ]
    assert numbers(r"SSE-letters \((\d+) of (\d+)\) and of Chars74K \((\d+) of (\d+)\)", LETTERS) == writers
    assert numbers(r"SSE-letters, \d+, of (\d+) people new to it", LETTERS) == writers[:1]


def test_what_is_said_of_hands_follows_from_the_table() -> None:
    """In docs/letters.md: how collections of capitals differ from MNIST in thickness, slant, width and height."""
    means = table(LETTERS, "| pictures | thickness, px")
    off = {name: np.subtract(means[name], means["MNIST"]).round(2).tolist() for name in COLLECTIONS}
    thickness, slant, width, height = zip(*off.values(), strict=True)
    most, chars = numbers(r"thickness lies within ([\d.]+) px .* varied \(([\d.]+) px;", LETTERS)
    assert 0 <= most - max(map(abs, thickness[:-1])) < 0.1
    assert abs(abs(thickness[-1]) - chars) < 0.05
    (degrees,) = numbers(r"slants differ by up to (\d+) degrees", LETTERS)
    assert 0 <= degrees - max(map(abs, slant)) < 1
    assert numbers(r"Capitals are ([\d.]+) to ([\d.]+) px wider", LETTERS) == [
        round(min(width), 1), round(max(width), 1),
    ]  # fmt: skip
    (lower,) = numbers(r"from a larger box, ([\d.]+) px;", LETTERS)
    assert abs(height[0] + lower) < 0.05
    assert min(height[1:]) >= -1


def test_a_shard_of_parquet_is_as_large_as_the_table_says() -> None:
    bytes_each = table(SCALE, "| format | pictures")["`parquet`"][4]
    (megabytes,) = numbers(r"one has (\d+) MB in Parquet", SCALE)
    assert megabytes == math.ceil(bytes_each * (1 << 16) / 1e6)


def test_what_64_vcpus_would_take_follows_from_the_table() -> None:
    """Rounded against us."""
    hours, gigabytes = table(SCALE, "| format | pictures")["`parquet`"][5:]
    minutes, rate = numbers(r"in about (\d+) minutes, if the disk takes the (\d+) MB/s", SCALE)
    assert 0 <= minutes - 60 * hours / 64 < 1
    assert rate == 10 * math.ceil(gigabytes * 100 / (60 * minutes))


def test_what_real_digits_score_is_told_as_on_the_card() -> None:
    card = (ROOT / "exported/digits.md").read_text("utf-8").partition("## Measured by")[2]
    (accuracy,) = numbers(r"\| label_accuracy \| [\d.]+ \| ([\d.]+) ", card)
    (specks,) = numbers(r"\| specks \| [\d.]+ \| ([\d.]+) ", card)
    (unreadable,) = numbers(r"([\d.]+) % of real digits are unreadable", EVALUATION)
    assert abs(unreadable - 100 * (1 - accuracy)) < 0.05
    assert numbers(r"may have one: (\d+) % of MNIST's do", EVALUATION) == [math.floor(100 * specks)]


def test_the_judge_reads_what_its_card_says() -> None:
    card = (ROOT / "scorp_train/judge/models/mnist.md").read_text("utf-8")
    (accuracy,) = numbers(r"it reads ([\d.]+) % of MNIST's test digits", EVALUATION)
    assert f"{accuracy}%" in card


def test_sixty_answers_tell_as_much_from_chance_as_is_said() -> None:
    (told,) = numbers(r"Sixty answers of one person tell chance from (\d+) %", EVALUATION)
    least = next(right for right in range(30, 60) if wilson_interval(right, 60)[0] > 0.5)
    assert 0 <= told - 100 * least / 60 < 5


def test_the_budget_of_the_family_is_the_longest_training() -> None:
    models = json.loads((ROOT / "docs/family/comparison.json").read_text("utf-8"))["models"]
    longest = max(model["costs"]["minutes"] or 0 for model in models.values())
    family = (ROOT / "docs/family.md").read_text("utf-8")
    assert numbers(r"The budget was (\d+) minutes", family) == [math.ceil(longest)]
