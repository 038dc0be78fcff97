"""Pages of text are datasets as pictures are: the same files however they are made, and every change is found."""

import gc
import io
import json
import shlex
import shutil
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from scorp_runtime import Generator, Layout

# datasets and webdataset leave files for the garbage collector to close.
pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

FORMATS = ["pages", "tar", "parquet"]
ASKED = [
    "--text",
    "20 -1",
    "--text",
    "3,5",
    "-n",
    11,
    "--seed",
    4,
    "--start",
    95,
    "--slant",
    "-10..5",
    "--size",
    20,
]


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def done(result: Any) -> str:
    assert result.returncode == 0, result.stderr
    return str(result.stderr.decode())


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, tiny_path: Path) -> Callable[[str], Path]:
    """Makes a dataset of 11 pages in 3 shards, once per format."""
    from scorp_runtime.cli.main import main

    root = tmp_path_factory.mktemp("made")

    def make(form: str) -> Path:
        if not (root / form).exists():
            words = [*map(str, ASKED), f"{root / form}/", "--shards", "3", "--model", str(tiny_path)]
            assert main([*words, "--format", form]) == 0
        return root / form

    return make


@pytest.fixture
def copy(made: Callable[[str], Path], tmp_path: Path) -> Callable[[str], Path]:
    return lambda form: Path(shutil.copytree(made(form), tmp_path / "set"))


@pytest.fixture
def complaint(scorp_gen: Any) -> Callable[[], str]:
    def verify() -> str:
        result = scorp_gen("verify", "set")
        lines = result.stderr.decode().splitlines()
        assert (result.returncode, len(lines), result.stdout) == (1, 1, b""), lines
        return str(lines[0])

    return verify


@pytest.fixture
def pages(generator: Generator) -> list[Any]:
    """What the files are to hold."""
    asked: dict[str, Any] = {"seed": 4, "slant": "-10..5", "layout": Layout(size=20)}
    return [generator.sequence("20 -1\n3,5", index=index, **asked) for index in range(95, 106)]


@pytest.fixture
def rows(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Callable[[Path], Any]]:
    """Reads a folder as Hugging Face datasets does, with its caches in the test's folder."""
    import datasets

    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    monkeypatch.setattr(datasets.config, "HF_HUB_OFFLINE", True)
    datasets.disable_progress_bars()
    yield lambda folder: datasets.load_dataset(str(folder), split="train")
    gc.collect()  # it leaves tables open, which is complained of here and not in a later test


@pytest.mark.parametrize("form", FORMATS)
def test_one_process_or_two_and_the_jobs_of_an_array_make_the_same_files(
    made: Any, scorp_gen: Any, tmp_path: Path, form: str
) -> None:
    words = [*ASKED, "--format", form]
    done(scorp_gen(*words, "two/", "--shards", 3, "--workers", 2))
    for number in (2, 0, 1):
        assert f"shard {number} of 3 " in done(scorp_gen(*words, "jobs/", "--shard", f"{number}/3"))
    done(scorp_gen(*words, "jobs/", "--shards", 3, "--resume"))
    assert files(tmp_path / "two") == files(tmp_path / "jobs") == files(made(form))


def test_the_number_of_shards_changes_no_page_and_no_table(made: Any, scorp_gen: Any, tmp_path: Path) -> None:
    done(scorp_gen(*ASKED, "one/"))
    about = ("README.md", "provenance.json")  # which say the number
    one, three = (
        {name: data for name, data in files(folder).items() if name not in about}
        for folder in (tmp_path / "one", made("pages"))
    )
    assert one == three


@pytest.mark.parametrize("form", FORMATS)
def test_card_and_provenance_say_what_makes_the_pages_again(
    made: Any, scorp_gen: Any, tmp_path: Path, tiny_bytes: bytes, form: str
) -> None:
    said = json.loads((made(form) / "provenance.json").read_text())
    assert (said["spec"]["text"], said["spec"]["layout"]) == ("20 -1\n3,5", {"size": 20})
    assert [(row["start"], row["count"]) for row in said["shards"]] == [("95", 3), ("98", 4), ("102", 4)]
    card = (made(form) / "README.md").read_text()
    assert f"`{said['command']}`" in card
    assert "    20 -1\n    3,5\n" in card
    (tmp_path / "tiny.onnx").write_bytes(tiny_bytes)
    done(scorp_gen(*shlex.split(said["command"])[1:], model=None))
    assert files(tmp_path / "OUTPUT") == files(made(form))


def test_words_are_a_dataset_too(scorp_gen: Any, tmp_path: Path) -> None:
    done(scorp_gen("very thick forty-two", "out/", "-n", 3, "--seed", 1, "--writer", 12, "--invert"))
    said = json.loads((tmp_path / "out" / "provenance.json").read_text())
    assert said["spec"]["text"] == "very thick forty-two"
    assert "all in the hand of writer 12" in (tmp_path / "out" / "README.md").read_text()
    assert scorp_gen("verify", "out").stdout.startswith(b"out: all 3 pages ")


def test_a_page_of_a_dataset_carries_what_draws_it_again(made: Any, generator: Generator) -> None:
    for path in sorted(made("pages").glob("*.png")):
        with Image.open(path) as image:
            said = json.loads(image.text["scorp"])  # type: ignore[attr-defined]
            where = {name: int(said[name]) for name in ("seed", "index", "writer")}
            page = generator.sequence(
                said["text"], **where, layout=Layout(**said["layout"]), **said["styles"]
            )
            assert np.array_equal(np.asarray(image), page.image)


def test_hugging_face_reads_pictures_and_texts_of_the_folder(made: Any, rows: Any, pages: list[Any]) -> None:
    found = rows(made("pages"))
    assert found["text"] == [page.text for page in pages]
    assert found["writer"] == [page.writer for page in pages]
    for row, page in zip(found, pages, strict=True):
        assert np.array_equal(np.asarray(row["image"]), page.image)


@pytest.mark.parametrize(("text", "count"), [("007", 1), ("12.50", 2)])
def test_a_text_that_looks_like_a_number_stays_a_text(
    scorp_gen: Any, tmp_path: Path, rows: Any, text: str, count: int
) -> None:
    """Even if there are so few pages that most files of the folder are tables of them."""
    done(scorp_gen("--text", text, "-n", count, "--seed", 1, "set/"))
    assert rows(tmp_path / "set")["text"] == [text] * count


def test_hugging_face_reads_boxes_with_names_from_parquet(made: Any, rows: Any, pages: list[Any]) -> None:
    found = rows(made("parquet"))
    names = found.features["objects"]["category"].feature.names
    for row, page in zip(found, pages, strict=True):
        assert np.array_equal(np.asarray(row["image"]), page.image)
        assert (row["text"], row["index"], row["writer"]) == (page.text, page.index, page.writer)
        boxes = [[c.box.x, c.box.y, c.box.width, c.box.height] for c in page.characters]
        assert row["objects"]["bbox"] == boxes
        characters = [character.text for character in page.characters]
        assert [names[category] for category in row["objects"]["category"]] == characters
        assert row["objects"]["character"] == characters


def test_webdataset_reads_the_shards(made: Any, pages: list[Any]) -> None:
    import webdataset

    shards = str(made("tar") / "train-{00000..00002}-of-00003.tar")
    samples = list(webdataset.WebDataset(shards, shardshuffle=False).decode("l8"))
    for sample, page in zip(samples, pages, strict=True):
        assert np.array_equal(sample["png"], page.image)
        assert sample["json"]["text"] == page.text
        assert sample["json"]["objects"]["line"] == [character.line for character in page.characters]


@pytest.mark.parametrize("form", ["tar", "parquet"])
def test_pages_go_into_one_file_or_a_pipe(scorp_gen: Any, tmp_path: Path, form: str) -> None:
    done(scorp_gen(*ASKED, f"a.{form}"))
    assert scorp_gen(*ASKED, "-", "--format", form).stdout == (tmp_path / f"a.{form}").read_bytes()


@pytest.mark.parametrize("form", FORMATS)
def test_what_was_made_is_in_order(made: Any, scorp_gen: Any, form: str) -> None:
    result = scorp_gen("verify", made(form), "--workers", 2)
    assert result.stdout.decode().startswith(f"{made(form)}: all 11 pages ")
    assert (result.returncode, result.stderr) == (0, b"")


def flip_png(data: bytes) -> bytes:
    pixels = np.array(Image.open(io.BytesIO(data)))
    pixels[5, 5] ^= 1
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "PNG")
    return stream.getvalue()


def change_shard(folder: Path, form: str, change_png: Any, change_said: Any) -> None:
    """Changes the page 103 in the last shard."""
    path = folder / f"train-00002-of-00003.{form}"
    if form == "tar":
        with tarfile.open(path) as archive:
            entries = [(entry, archive.extractfile(entry).read()) for entry in archive]  # type: ignore[union-attr]
        with tarfile.open(path, "w") as archive:
            for entry, data in entries:
                data = change_png(data) if entry.name == "00000103.png" else data
                if entry.name == "00000103.json":
                    data = json.dumps(change_said(json.loads(data))).encode()
                entry.size = len(data)
                archive.addfile(entry, io.BytesIO(data))
        return
    import pyarrow
    from pyarrow import parquet

    table = parquet.read_table(path)
    rows = table.to_pylist()
    rows[1]["image"]["bytes"] = change_png(rows[1]["image"]["bytes"])
    rows[1] = change_said(rows[1])
    parquet.write_table(pyarrow.Table.from_pylist(rows, table.schema), path)


@pytest.mark.parametrize("form", FORMATS)
def test_one_flipped_pixel_is_found(copy: Any, complaint: Any, form: str) -> None:
    folder = copy(form)
    if form == "pages":
        path = folder / "00000103.png"
        path.write_bytes(flip_png(path.read_bytes()))
    else:
        change_shard(folder, form, flip_png, lambda said: said)
    assert "has other pixels than page 103 of seed 4" in complaint()


@pytest.mark.parametrize("form", ["tar", "parquet"])
def test_a_changed_text_or_box_is_found(copy: Any, complaint: Any, form: str) -> None:
    folder = copy(form)
    change_shard(folder, form, bytes, lambda said: said | {"text": "20 -1\n3.5"})
    assert "has the text 20 -1" in complaint()
    change_shard(folder, form, bytes, lambda said: said | {"text": "20 -1\n3,5"})

    def widen(said: Any) -> Any:
        said["objects"]["bbox"][2][2] += 1
        return said

    change_shard(folder, form, bytes, widen)
    assert "has the objects" in complaint()


@pytest.mark.parametrize(
    ("name", "old", "new", "told"),
    [
        (
            "metadata.csv",
            "00000103.png,",
            "00000102.png,",
            "00000102.png of metadata.csv is 00000103.png in boxes.csv",
        ),
        ("metadata.csv", '00000103.png,"20 -1', '00000103.png,"21 -1', "00000103.png has the text 21 -1"),
        ("metadata.csv", "file_name,text,", "file_name,word,", "metadata.csv has other columns"),
        (
            "boxes.csv",
            "00000103.png,4,1,0,",
            "00000103.png,4,7,0,",
            "00000103.box has other boxes than boxes.csv",
        ),
        ("boxes.csv", "00000103.png,4,1,0,", "00000103.png,4,x,0,", "cannot read metadata.csv or boxes.csv"),
        ("boxes.csv", "00000103.png,4,1,0,", "00000103.png,4,1,1,", "00000103.png has the objects"),
        ("00000103.box", "1 ", "2 ", "00000103.box has other boxes than boxes.csv"),
        (
            "coco.json",
            '"image_id": 9,',
            '"image_id": 8,',
            "of coco.json is not what metadata.csv and boxes.csv",
        ),
    ],
)
def test_a_changed_table_is_found(
    copy: Any, complaint: Any, name: str, old: str, new: str, told: str
) -> None:
    path = copy("pages") / name
    before = path.read_text()
    assert old in before
    path.write_text(before.replace(old, new, 1))
    assert told in complaint()


@pytest.mark.parametrize(
    ("name", "damage"),
    [
        ("00000100.png", "missing"),
        ("00000100.png", "cut"),
        ("00000100.box", "missing"),
        ("00000100.box", "garbage"),
        ("metadata.csv", "cut"),
        ("boxes.csv", "garbage"),
        ("coco.json", "missing"),
        ("coco.json", "cut"),
    ],
)
def test_missing_and_damaged_files_are_one_line(copy: Any, complaint: Any, name: str, damage: str) -> None:
    path = copy("pages") / name
    match damage:
        case "missing":
            path.unlink()
        case "cut":
            path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
        case "garbage":
            path.write_bytes(b"\x00\xff" * 300)
    told = complaint()
    assert name in told or "is missing" in told


def test_an_added_page_is_found(copy: Any, complaint: Any) -> None:
    folder = copy("pages")
    shutil.copy(folder / "00000100.png", folder / "00000106.png")
    assert "set has 12 PNG files, not 11" in complaint()
