"""`scorp-eval` writes whole files, keeps words on stderr and figures on stdout, and ends with the right code."""

import json
import signal
import sys
from html.parser import HTMLParser

import numpy as np
import pytest
from PIL import Image

from scorp_train.cli.evaluate import main
from scorp_train.data import DataError, Split
from scorp_train.data.idx import format_idx
from scorp_train.data.idx_folder import FILES
from scorp_train.evaluation import report as report_module
from scorp_train.evaluation import sample_sizes
from scorp_train.evaluation.human_test import FORMAT


@pytest.fixture(scope="module")
def workplace(tmp_path_factory, drawn, held_out):
    """A folder with drawn digits as data, and as pictures to judge."""
    folder = tmp_path_factory.mktemp("eval")
    (folder / "data").mkdir()
    splits = (drawn.train.images, drawn.train.labels, drawn.test.images, drawn.test.labels)
    for name, array in zip(FILES, splits, strict=True):
        (folder / "data" / name).write_bytes(format_idx(array.astype(np.uint8)))
    np.savez(folder / "pictures.npz", images=held_out[0], labels=held_out[1])
    return folder


@pytest.fixture
def run(workplace, monkeypatch, tiny_plan):
    """Runs the command quickly; returns its exit code."""
    monkeypatch.setattr(sample_sizes, "QUICK", tiny_plan)

    def runner(*words, source="pictures.npz"):
        data = ["--data", str(workplace / "data"), "--judge", "mnist", "--quick"]
        try:
            return main([*([str(workplace / source)] if source else []), *data, *words])
        except SystemExit as end:
            return end.code

    return runner


@pytest.fixture(scope="module")
def report(workplace, tiny_plan):
    """A report folder, made once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sample_sizes, "QUICK", tiny_plan)
        words = [
            str(workplace / "pictures.npz"),
            "--data",
            str(workplace / "data"),
            "--judge",
            "mnist",
            "--quick",
        ]
        assert main([*words, "--report", str(workplace / "report")]) == 0
    return workplace / "report"


class Addresses(HTMLParser):
    """Collects every address that a page would load."""

    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attributes):
        self.found += [
            value for name, value in attributes if name in ("src", "href", "srcset", "data", "action")
        ]


def test_the_report_folder_is_complete(report):
    names = {path.name for path in report.iterdir()}
    assert names == {"report.json", "report.html", "blind.html", "blind-key.json", "pictures"}
    fields = json.loads((report / "report.json").read_text())
    assert fields["settings"]["count"] == 400
    assert fields["summary"]["compared"] > 30
    assert all(png.read_bytes().startswith(b"\x89PNG") for png in (report / "pictures").iterdir())


@pytest.mark.parametrize("page", ["report.html", "blind.html"])
def test_a_page_loads_nothing_from_anywhere(report, page):
    parser = Addresses()
    text = (report / page).read_text(encoding="utf-8")
    parser.feed(text)
    assert all(address is None or address.startswith(("data:", "#")) for address in parser.found)
    assert "@import" not in text
    assert "url(" not in text
    assert "fetch(" not in text


def test_the_page_shows_every_figure(report):
    text = (report / "report.html").read_text(encoding="utf-8")
    for figure in json.loads((report / "report.json").read_text())["figures"].values():
        assert figure["title"].replace("'", "&#39;") in text


def test_results_of_people_are_folded_in_without_measuring_again(report, tmp_path, run, capsys):
    key = json.loads((report / "blind-key.json").read_text())
    answers = [{"trial": i, "generated": flag, "ms": 700} for i, flag in enumerate(key["generated"])]
    result = tmp_path / "result.json"
    result.write_text(json.dumps({"format": FORMAT, "page": key["page"], "answers": answers}))
    assert run("--report", str(report), "--human", str(result), source=None) == 0
    assert "people_accuracy" in capsys.readouterr().out
    fields = json.loads((report / "report.json").read_text())
    assert fields["figures"]["people_accuracy"]["value"] == 1
    assert "Right answers of people" in (report / "report.html").read_text(encoding="utf-8")


def test_figures_go_to_stdout_and_words_to_stderr_and_limits_decide(run, capsys):
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
    ("--fail-under recall", "pictures.npz", 2, "'recall' is not NAME=VALUE"),
    ("--fail-under recall=much", "pictures.npz", 2, "'recall=much' is not NAME=VALUE"),
    ("--fail-under recall=nan", "pictures.npz", 2, "'recall=nan' is not NAME=VALUE"),
    ("--fail-under beauty=1", "pictures.npz", 2, "no figure 'beauty'"),
    ("--count 0", "pictures.npz", 2, "0 is not between 1 and 1000000"),
    ("--count 1000000000000", "pictures.npz", 2, "1000000000000 is not between 1 and 1000000"),
    ("--threads 0", "pictures.npz", 2, "0 is not between 1 and 1024"),
    ("--threads 1000000", "pictures.npz", 2, "1000000 is not between 1 and 1024"),
    ("--seed -1", "pictures.npz", 2, "-1 is not between 0 and 18446744073709551615"),
    ("--nonsense", "pictures.npz", 2, "unrecognized arguments: --nonsense"),
    ("", "missing.npz", 1, "missing.npz: [Errno 2] No such file or directory"),
    ("", "missing.onnx", 3, "missing.onnx"),
    ("--data no-such-data", "pictures.npz", 1, "no data set 'no-such-data'"),
    ("--judge missing.onnx", "pictures.npz", 2, "no judge at missing.onnx"),
    ("--judge nobody", "pictures.npz", 2, "no judge for 'nobody'; there are: letters, mnist"),
    ("--judge {}/no-judge.onnx", "pictures.npz", 2, "is not a judge"),
    ("--report {}/pictures.npz", "pictures.npz", 1, "pictures.npz is a file, not a folder"),
    ("--report {}/pictures.npz/report", "pictures.npz", 1, "pictures.npz is a file, not a folder"),
    ("--card missing.md", "pictures.npz", 2, "cannot read the card missing.md"),
    ("--card {}/pictures.npz", "pictures.npz", 2, "cannot read the card"),
    ("--report {} --human missing.json", None, 1, "no report in"),
]


def with_fault(words, source, code, message):
    asked = f"`{source or ''} {words.replace('{}/', '').replace('{}', '.')}`".replace("` ", "`").replace(
        " `", "`"
    )
    happens = f"exit {code}: {message}"
    mark = pytest.mark.fault("scorp-eval", "no words at all" if asked == "``" else asked, happens)
    return pytest.param(words, source, code, message, marks=mark)


@pytest.mark.parametrize(("words", "source", "code", "message"), [with_fault(*case) for case in WRONG])
def test_what_goes_wrong_is_one_line_and_its_code(run, workplace, capsys, words, source, code, message):
    (workplace / "no-judge.onnx").write_bytes((workplace / "data" / FILES[0]).read_bytes()[:1000])
    before = sorted(workplace.rglob("*"))
    assert run(*words.format(*[workplace] * words.count("{}")).split(), source=source) == code
    output, said = capsys.readouterr()
    (line,) = said.splitlines()
    assert output == ""
    assert message in line
    assert sorted(workplace.rglob("*")) == before


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
@pytest.mark.parametrize(
    ("number", "code"),
    [
        pytest.param(
            number,
            code,
            marks=pytest.mark.fault(
                "scorp-eval", f"{number.name} while it measures", f"exit {code}: interrupted"
            ),
        )
        for number, code in ((signal.SIGINT, 130), (signal.SIGTERM, 143))
    ],
)
def test_a_signal_ends_it_without_a_report(run, tmp_path, monkeypatch, capsys, number, code):
    monkeypatch.setattr(report_module, "evaluate", lambda *_: signal.raise_signal(number))
    assert run("--report", str(tmp_path / "report")) == code
    assert capsys.readouterr().err == "scorp-eval: interrupted\n"
    assert list(tmp_path.iterdir()) == []


def test_a_limit_on_an_unknown_figure_is_wrong_usage_before_anything_is_measured(run, capsys):
    assert run("--fail-under", "beauty=1") == 2
    assert "fidelity and diversity" not in capsys.readouterr().err


@pytest.mark.fault(
    "scorp-eval",
    "a judge of other classes than the data has",
    "exit 2: what either has",
)
def test_a_judge_of_other_classes_is_refused(run, workplace, capsys):
    data = workplace / "data"
    few = workplace / "few"
    few.mkdir()
    for name in FILES:
        (few / name).write_bytes((data / name).read_bytes())
    (few / "classes.txt").write_text("\n".join([*"012345678", "nine"]))
    assert run("--data", str(few)) == 2
    assert "not nine" in capsys.readouterr().err


@pytest.fixture
def no_measures(monkeypatch):
    """Collects what would be measured, without measuring it."""
    asked = []

    def refuse(pictures, dataset, judge, *_):
        asked.append((pictures, dataset, judge))
        raise DataError("not measured here")

    monkeypatch.setattr(report_module, "evaluate", refuse)
    return asked


def test_a_judge_is_found_by_the_rule_of_training(tmp_path, pen, no_measures, run):
    random = np.random.default_rng(0)
    for label in (7, 2, 1):
        (tmp_path / "mine" / str(label)).mkdir(parents=True)
        for number in range(36):
            Image.fromarray(pen(label, random)).save(tmp_path / "mine" / str(label) / f"{number}.png")
    assert main([str(tmp_path / "mine"), "--data", str(tmp_path / "mine"), "--quick"]) == 1
    ((pictures, dataset, judge),) = no_measures
    assert judge.name == "mnist"
    assert dataset.classes == judge.classes
    for split in (dataset.train, dataset.test, Split(pictures.images, pictures.labels)):
        assert np.unique(split.labels).tolist() == [1, 2, 7]
        assert judge.accuracy(split.images, split.labels) > 0.9


def test_classes_that_no_judge_reads_are_wrong_usage(tmp_path, held_out, capsys):
    for number, image in enumerate(held_out[0][:40]):
        (tmp_path / "rune").mkdir(exist_ok=True)
        Image.fromarray(image).save(tmp_path / "rune" / f"{number}.png")
    assert main([str(tmp_path), "--data", str(tmp_path)]) == 2
    assert "rune" in capsys.readouterr().err
