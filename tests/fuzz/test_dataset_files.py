"""Damaged datasets are verified, resumed, or refused with an error of ours."""

import json
import shutil
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scorp_runtime import Generator, ScorpError
from scorp_runtime.cli.main import main
from scorp_runtime.datasets import manifest
from scorp_runtime.datasets.image_spec import ImageSpec
from scorp_runtime.datasets.page_spec import LinesSpec, PatternSpec, TextSpec
from scorp_runtime.datasets.shards import UNFINISHED, begin, finish, known_spec, missing, write_shard
from scorp_runtime.datasets.verify import verify_nothing_added, verify_shard

Damage = Callable[[st.DataObject, bytes], bytes]
FORMATS = ["folder", "idx", "npz", "tar", "parquet", "pages", "tesseract", "imagefolder"]
LINES = ["text", "--pattern=[0-9]{2}", "--size", "20"]
WORDS = {"pages": ["--text=4,", "--text=7", "--size", "20"], "tesseract": LINES, "imagefolder": LINES}
KINDS = (ImageSpec, TextSpec, PatternSpec, LinesSpec)
NAMES = sorted({field.name for kind in KINDS for field in fields(kind)})
SMALL = st.integers(-1, 30)  # so that a valid change needs little work
JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | SMALL.map(str),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
FIELDS = st.sampled_from(["size", "shift", "blur", "breaks", "slant", "width", "x"])
NEARLY: st.SearchStrategy[Any] = (
    SMALL
    | SMALL.map(str)
    | st.sampled_from(["7", "all", "9-0", *FORMATS])
    | st.dictionaries(FIELDS, SMALL | SMALL.map(str))
)


@pytest.fixture(scope="module")
def all_made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Small datasets in `whole`, and in `begun` their shards before they were gathered."""
    folders = {form: tmp_path_factory.mktemp(form) for form in FORMATS}
    for form, folder in folders.items():
        words = [*WORDS.get(form, ["0-9"]), "-n", "5", "--seed", str(2**64 - 1), "--start", "3"]
        words += ["--slant=-5..5", "--format", form]
        words += ["--writer", "12"] if form in ("tar", "folder") else []
        for number in range(2):
            assert main([*words, f"{folder}/begun/", "--shard", f"{number}/2"]) == 0
        assert main([*words, f"{folder}/whole/", "--shards", "2"]) == 0
    return folders


def verify(generator: Generator, folder: Path) -> None:
    found = manifest.read(folder)
    for number in range(found.spec.shards):
        verify_shard(generator, found, folder, number)
    verify_nothing_added(found, folder, generator.classes)


def resume(generator: Generator, folder: Path) -> None:
    spec = known_spec(folder)
    assert spec is not None
    assert begin(spec, folder)
    for number in missing(spec, folder):  # the damaged ones
        write_shard(generator, spec, folder, number)
    assert missing(spec, folder) == []
    finish(generator, spec, folder)
    manifest.read(folder)


def done_or_refused(step: Callable[[Generator, Path], None], generator: Generator, folder: Path) -> bool:
    """Returns whether a step was done; only errors of ours may refuse it."""
    try:
        step(generator, folder)
    except ScorpError as error:
        assert str(error).strip(), repr(error)  # noqa: PT017
        return False
    return True


@settings(deadline=None)
@given(form=st.sampled_from(FORMATS), data=st.data())
def test_any_file_may_be_damaged(
    generator: Generator, all_made: dict[str, Path], form: str, damage: Damage, data: st.DataObject
) -> None:
    made = all_made[form]
    read_back = {".json", ".jsonl", ".csv", ".txt", ".npz", ".tar", ".parquet", ".png", ".box", ""}
    paths = sorted(
        path
        for path in (made / "whole").rglob("*")
        if path.is_file() and path.suffix in read_back and path.name != "coco.json"
    )
    path = data.draw(st.sampled_from(paths), "path")
    before = path.read_bytes()
    try:
        path.write_bytes(damage(data, before))
        done_or_refused(verify, generator, made / "whole")
    finally:
        path.write_bytes(before)


@settings(deadline=None)
@given(
    form=st.sampled_from(FORMATS),
    changes=st.dictionaries(st.sampled_from(NAMES), NEARLY | JSON, min_size=1, max_size=2),
    rows=st.none() | st.lists(st.fixed_dictionaries({"pixels_sha256": JSON}) | JSON, max_size=3),
)
def test_any_manifest_is_read_or_refused(
    generator: Generator,
    all_made: dict[str, Path],
    form: str,
    changes: dict[str, Any],
    rows: list[Any] | None,
) -> None:
    made = all_made[form]
    path = made / "whole" / manifest.FILE
    before = path.read_bytes()
    document = json.loads(before)
    document["spec"] |= changes
    if rows is not None:
        document["shards"] = rows
    try:
        path.write_bytes(json.dumps(document).encode())
        if done_or_refused(verify, generator, made / "whole"):
            assert manifest.read(made / "whole").spec.count == 5
    finally:
        path.write_bytes(before)


@settings(deadline=None)
@given(form=st.sampled_from(FORMATS), data=st.data())
def test_any_record_of_an_unfinished_dataset_is_read_or_refused(
    generator: Generator, all_made: dict[str, Path], form: str, damage: Damage, data: st.DataObject
) -> None:
    made = all_made[form]
    folder = made / "resumed"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(made / "begun", folder)
    path = data.draw(st.sampled_from(sorted((folder / UNFINISHED).rglob("*.json"))), "path")
    whole = data.draw(st.booleans(), "whole")
    path.write_bytes(json.dumps(data.draw(JSON)).encode() if whole else damage(data, path.read_bytes()))
    if done_or_refused(resume, generator, folder):
        done_or_refused(verify, generator, folder)  # finds a changed checksum
