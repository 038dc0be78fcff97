"""`scorp-eval` writes complete files, metrics to stdout, messages to stderr, and returns the right exit code."""

import json
import re
import shutil
import signal
import sys

import numpy as np
import pytest
from PIL import Image

from scorp_train.cli.evaluate import main
from scorp_train.data import DataError, Split
from scorp_train.evaluation import report as report_module
from scorp_train.evaluation import sample_sizes
from scorp_train.evaluation.human_test import FORMAT


@pytest.fixture(scope="module")
def workplace(tmp_path_factory, held_out):
    """A folder with images to evaluate."""
    folder = tmp_path_factory.mktemp("eval")
    np.savez(folder / "images.npz", images=held_out[0], labels=held_out[1])
    return folder


@pytest.fixture(scope="module")
def common(idx_folder):
    """The options of all reports."""
    return ["--data", str(idx_folder), "--judge", "mnist", "--quick"]


@pytest.fixture
def run(workplace, common, monkeypatch, tiny_sizes):
    """Return a function that runs the command on small samples and returns its exit code."""
    monkeypatch.setattr(sample_sizes, "QUICK", tiny_sizes)

    def runner(*words, source="images.npz"):
        try:
            return main([*([str(workplace / source)] if source else []), *common, *words])
        except SystemExit as end:
            return end.code

    return runner


@pytest.fixture(scope="module")
def report(workplace, common, tiny_sizes):
    """A report folder."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sample_sizes, "QUICK", tiny_sizes)
        assert main([str(workplace / "images.npz"), *common, "--report", str(workplace / "report")]) == 0
    return workplace / "report"


def test_the_report_folder_is_complete(report):
    names = {path.name for path in report.iterdir()}
    assert names == {"report.json", "report.html", "blind.html", "blind-key.json", "pictures"}
    fields = json.loads((report / "report.json").read_text())
    assert fields["settings"]["count"] == 400
    assert fields["summary"]["compared"] > 30
    assert all(png.read_bytes().startswith(b"\x89PNG") for png in (report / "pictures").iterdir())


@pytest.mark.parametrize("page", ["report.html", "blind.html"])
def test_a_page_loads_nothing(report, page):
    text = (report / page).read_text(encoding="utf-8")
    addresses = re.findall(r"""\b(?:src|href|srcset|data|action)=["']?([^"'> ]*)""", text)
    assert all(address.startswith(("data:", "#")) for address in addresses)
    assert not re.search(r"@import|url\(|fetch\(", text)


def test_the_page_shows_every_metric(report):
    text = (report / "report.html").read_text(encoding="utf-8")
    for metric in json.loads((report / "report.json").read_text())["figures"].values():
        assert metric["title"].replace("'", "&#39;") in text


def test_answers_of_people_are_added_to_a_report(report, tmp_path, run, capsys):
    key = json.loads((report / "blind-key.json").read_text())
    answers = [{"trial": i, "generated": flag, "ms": 700} for i, flag in enumerate(key["generated"])]
    result = tmp_path / "result.json"
    result.write_text(json.dumps({"format": FORMAT, "page": key["page"], "answers": answers}))
    assert run("--report", str(report), "--human", str(result), source=None) == 0
    assert "people_accuracy" in capsys.readouterr().out
    fields = json.loads((report / "report.json").read_text())
    assert fields["figures"]["people_accuracy"]["value"] == 1
    assert fields["figures"]["people_accuracy"]["title"] in (report / "report.html").read_text(
        encoding="utf-8"
    )


def test_limits_decide_the_exit_code(run, capsys):
    limits = (
        "label_accuracy=0.9",
        "diagnostics=1",
        "frechet_distance=1e-9",
        "recall=1.01",
        "thickness_error=9",
    )
    code = run(*(word for limit in limits for word in ("--fail-under", limit)))
    assert code == 4
    output, words = capsys.readouterr()
    assert "frechet_distance" in output
    assert "scorp-eval: frechet_distance is" in words
    assert "scorp-eval: recall is" in words
    assert "scorp-eval: thickness_error was not measured" in words
    assert "label_accuracy" not in words
    assert "diagnostics" not in words


WRONG = [
    ("", None, 2, "MODEL is missing"),
    ("--human x.json", None, 2, "--human needs the --report"),
    ("--fail-under recall=much", "images.npz", 2, "'recall=much' is not NAME=VALUE"),
    ("--fail-under recall=nan", "images.npz", 2, "'recall=nan' is not NAME=VALUE"),
    ("--fail-under beauty=1", "images.npz", 2, "unknown metric 'beauty'"),
    ("--count 0", "images.npz", 2, "'0' is not a whole number from 1 to 1000000"),
    ("--threads 0", "images.npz", 2, "'0' is not a whole number from 1 to 1024"),
    ("--seed -1", "images.npz", 2, "'-1' is not a whole number from 0 to 2^64 - 1"),
    ("--nonsense", "images.npz", 2, "unrecognized arguments: --nonsense"),
    ("", "missing.npz", 1, "missing.npz: No such file or directory"),
    ("", "missing.onnx", 3, "missing.onnx"),
    ("--data no-such-data", "images.npz", 1, "no dataset 'no-such-data'"),
    ("--judge missing.onnx", "images.npz", 2, "no judge at missing.onnx"),
    ("--judge nobody", "images.npz", 2, "no judge 'nobody'"),
    ("--judge {}/images.onnx", "images.npz", 2, "images.onnx"),
    ("--report {}/images.npz", "images.npz", 1, "images.npz is a file, not a folder"),
    ("--card missing.md", "images.npz", 2, "cannot read the card missing.md"),
    ("--card {}/images.npz", "images.npz", 2, "cannot read the card"),
    ("--report {} --human missing.json", None, 1, "no report in"),
]


@pytest.mark.parametrize(("words", "source", "code", "message"), WRONG)
def test_an_error_is_one_line_and_an_exit_code(run, workplace, capsys, words, source, code, message):
    (workplace / "images.onnx").write_bytes((workplace / "images.npz").read_bytes()[:1000])
    before = sorted(workplace.rglob("*"))
    assert run(*words.format(*[workplace] * words.count("{}")).split(), source=source) == code
    output, errors = capsys.readouterr()
    (line,) = errors.splitlines()
    assert output == ""
    assert message in line
    assert sorted(workplace.rglob("*")) == before


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_leaves_no_report(run, tmp_path, monkeypatch, capsys, number, code):
    monkeypatch.setattr(report_module, "evaluate", lambda *_: signal.raise_signal(number))
    assert run("--report", str(tmp_path / "report")) == code
    assert capsys.readouterr().err == "scorp-eval: interrupted\n"
    assert list(tmp_path.iterdir()) == []


def test_a_judge_of_other_classes_is_refused(run, idx_folder, tmp_path, capsys):
    shutil.copytree(idx_folder, tmp_path / "few")
    (tmp_path / "few" / "classes.txt").write_text("\n".join([*"012345678", "nine"]))
    assert run("--data", str(tmp_path / "few")) == 2
    assert "not nine" in capsys.readouterr().err


@pytest.fixture
def no_measures(monkeypatch):
    """Collects what would be measured, without measuring it."""
    calls = []

    def refuse(source, dataset, judge, *_):
        calls.append((source, dataset, judge))
        raise DataError("not measured here")

    monkeypatch.setattr(report_module, "evaluate", refuse)
    return calls


def test_the_default_judge_is_that_of_training(tmp_path, pen, no_measures, run):
    random = np.random.default_rng(0)
    for label in (7, 2, 1):
        (tmp_path / "mine" / str(label)).mkdir(parents=True)
        for number in range(36):
            Image.fromarray(pen(label, random)).save(tmp_path / "mine" / str(label) / f"{number}.png")
    assert main([str(tmp_path / "mine"), "--data", str(tmp_path / "mine"), "--quick"]) == 1
    ((source, dataset, judge),) = no_measures
    assert judge.name == "mnist"
    assert dataset.classes == judge.classes
    for split in (dataset.train, dataset.test, Split(source.images, source.labels)):
        assert np.unique(split.labels).tolist() == [1, 2, 7]
        assert judge.accuracy(split.images, split.labels) > 0.9


def test_classes_that_no_judge_knows_are_wrong_usage(tmp_path, held_out, capsys):
    for number, image in enumerate(held_out[0][:40]):
        (tmp_path / "rune").mkdir(exist_ok=True)
        Image.fromarray(image).save(tmp_path / "rune" / f"{number}.png")
    assert main([str(tmp_path), "--data", str(tmp_path)]) == 2
    assert "rune" in capsys.readouterr().err
