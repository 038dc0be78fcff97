"""A model may have every printable ASCII character as a class, including marks and both cases."""

import csv
import json
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import numpy_helper

from scorp_runtime import Generator, LabelError, Weights
from scorp_runtime.formats.folder_names import class_of_folder, folder_name
from scorp_runtime.sampling.labels import read_labels
from scorp_train.data.class_folders import find_class_folders
from scorp_train.export.golden import make_golden

CLASSES = tuple(map(chr, range(ord("!"), ord("~") + 1)))
names = st.sampled_from(CLASSES)
not_commas = st.sampled_from([name for name in CLASSES if name != ","])


@pytest.fixture
def with_classes(proto: onnx.ModelProto, saved: Callable[[onnx.ModelProto], Path]) -> Callable[..., Path]:
    """Gives the test model other classes, each with an image of its own."""

    def change(classes: tuple[str, ...]) -> Path:
        (tensor,) = (tensor for tensor in proto.graph.initializer if tensor.name == "class_weights")
        draw = np.random.RandomState(3)
        size = len(classes), tensor.dims[1]
        tensor.CopyFrom(
            numpy_helper.from_array(draw.randint(-2000, 4000, size).astype(np.int32), tensor.name)
        )
        for entry in proto.metadata_props:
            if entry.key == "classes":
                entry.value = json.dumps(classes)
            if entry.key == "natural":
                entry.value = json.dumps(dict.fromkeys(classes, json.loads(entry.value)["0"]))
        return saved(proto)

    return change


@pytest.fixture
def model(with_classes: Callable[..., Path]) -> Path:
    return with_classes(CLASSES)


def read(text: object) -> str:
    return "".join(CLASSES[position] for position in read_labels(text, CLASSES).positions)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (",", ","),
        ("-", "-"),
        ("+,-,/", "+-/"),
        ("!-/", "!\"#$%&'()*+,-./"),
        ("+--", "+,-"),
        ("--/", "-./"),
        ("---", "-"),
        (" -,a-c", "-abc"),
        ([",", "-", "a"], ",-a"),
        (Weights({",": 1, "=": 2}), ",="),
    ],
)
def test_marks_are_labels(text: object, found: str) -> None:
    assert read(text) == found


@given(names)
def test_a_text_that_is_a_class_is_that_class(name: str) -> None:
    assert read(name) == read([name]) == name


@given(st.lists(st.tuples(not_commas, not_commas).map(sorted), min_size=1, max_size=4))
def test_ranges_of_marks_are_read(ranges: list[list[str]]) -> None:
    text = ",".join(f"{low}-{high}" for low, high in ranges)
    assert read(text) == "".join("".join(map(chr, range(ord(a), ord(b) + 1))) for a, b in ranges)


@pytest.mark.parametrize("bad", ["", ",,", "a,", "--", "a-", "~-!", "-a", " "])
def test_a_text_with_an_end_missing_is_refused(bad: str) -> None:
    with pytest.raises(LabelError):
        read_labels(bad, CLASSES)


def test_folders_have_names_that_every_file_system_keeps_apart() -> None:
    folders = [folder_name(name, CLASSES) for name in CLASSES]
    assert len({folder.lower() for folder in folders}) == len(CLASSES)
    assert all(folder.replace("+", "").replace("_", "").isalnum() for folder in folders)
    assert tuple(map(class_of_folder, folders)) == CLASSES
    for kept in ("0123456789", "ABCXYZ", "abcxyz", ("yes", "Nein", "7a")):
        assert [folder_name(name, kept) for name in kept] == list(kept)


def test_an_image_folder_is_verified_and_names_the_classes(made: Any, model: Path, tmp_path: Path) -> None:
    made("all", "-n", 188, "--shards", 3, "out/", model=model)
    made("verify", "out/", model=model)
    with (tmp_path / "out" / "metadata.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert "".join(row["label"] for row in rows) == 2 * "".join(CLASSES)
    folders = find_class_folders(tmp_path / "out").train
    assert {name: len(files) for name, files in folders.items()} == dict.fromkeys(CLASSES, 2)


@pytest.mark.parametrize("form", ["idx", "npz", "tar", "parquet"])
def test_other_formats_are_verified(made: Any, model: Path, form: str) -> None:
    made("!-/", "--format", form, "out/", model=model)
    made("verify", "out/", model=model)


def test_pages_have_a_category_for_each_character(made: Any, model: Path, tmp_path: Path) -> None:
    made("text", "--text=a,-A", "out/", model=model)
    made("verify", "out/", model=model)
    categories = json.loads((tmp_path / "out" / "coco.json").read_text(encoding="utf-8"))["categories"]
    assert [category["name"] for category in categories] == list(CLASSES)


@pytest.mark.parametrize("what", ["`", "'", '"', "-", ",", " --/", "$", "a thick -"])
def test_the_command_of_a_dataset_repeats_it(made: Any, model: Path, tmp_path: Path, what: str) -> None:
    made(what, "-n", 2, "--seed", 1, "--shards", 2, "out/", model=model)
    document = json.loads((tmp_path / "out" / "provenance.json").read_text(encoding="utf-8"))
    _, *words = shlex.split(document["command"])
    made(*words, model=None)
    again = json.loads((tmp_path / "OUTPUT" / "provenance.json").read_text(encoding="utf-8"))
    assert again["shards"] == document["shards"]


def test_class_weights_are_for_marks(made: Any, model: Path, tmp_path: Path) -> None:
    made("+,=,-", "--per-class", "1,2,3", "out.npz", model=model)
    with np.load(tmp_path / "out.npz") as arrays:
        found = arrays["classes"][arrays["labels"]].tolist()
    assert sorted(found) == sorted("+==---")


def test_the_model_is_checked_and_described(made: Any, model: Path) -> None:
    golden = json.dumps(make_golden(Generator(model)))
    model.with_suffix(".golden.json").write_text(golden, encoding="utf-8")
    assert json.loads(made("check", "--json", model=model).stdout)["golden_cases"] > 0
    assert json.loads(made("info", "--json", model=model).stdout)["classes"] == list(CLASSES)
    assert " ".join(CLASSES) in made("info", model=model).stdout.decode()


def test_words_that_differ_only_in_case_have_no_folders(
    fails: Any, made: Any, with_classes: Callable[..., Path]
) -> None:
    model = with_classes(("yes", "Yes"))
    assert "'yes' and 'Yes'" in fails(2, "all", "out/", model=model)
    made("all", "out.tar", model=model)
