"""The libraries that people use read every format back, with pixels, labels, texts and styles intact."""

import gc
import json
import shutil
import sys
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from scorp_runtime import Batch, Generator, Layout, Pattern

# datasets and webdataset leave files for the garbage collector to close.
pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

COUNT, SEED, START = 60, 3, 99_999_990
IMAGES = ["0-9", "-n", COUNT, "--seed", SEED, "--start", START, "--slant", "-10..5"]
PAGES = ["-n", 11, "--seed", 4, "--start", 95, "--slant", "-10..5", "--size", 20]


@pytest.fixture
def batch(generator: Generator) -> Batch:
    return generator.generate("0-9", COUNT, seed=SEED, start=START, slant="-10..5")


@pytest.fixture
def pages(generator: Generator) -> list[Any]:
    options: dict[str, Any] = {"seed": 4, "slant": "-10..5", "layout": Layout(size=20)}
    return [generator.sequence("20 -1\n3,5", index=index, **options) for index in range(95, 106)]


@pytest.fixture
def written(made: Any, tmp_path: Path) -> Callable[..., Path]:
    """Makes a dataset of images or pages."""

    def write(form: str, *more: object, images: bool = True) -> Path:
        words = [*IMAGES, "out/"] if images else ["text", "20 -1", "3,5", "out/", *PAGES]
        made(*words, "--format", form, *more)
        return tmp_path / "out"

    return write


@pytest.fixture
def load(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Callable[[Path], Any]]:
    """Reads a folder with Hugging Face datasets, with its caches in the test's folder."""
    import datasets

    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    monkeypatch.setattr(datasets.config, "HF_HUB_OFFLINE", True)
    datasets.disable_progress_bars()
    yield lambda folder: datasets.load_dataset(str(folder), split="train")
    gc.collect()  # so that the warnings about open tables come here and not in a later test


@pytest.fixture(scope="module")
def vision() -> Any:
    """The module `torchvision.datasets`.

    Package indices have torchvision for one build of torch only. With another build its operators for boxes cannot be
    loaded. Readers of datasets do not need them, but the import needs their names.
    """
    try:
        import torchvision.datasets
    except RuntimeError:
        for name in [name for name in sys.modules if name.partition(".")[0] == "torchvision"]:
            del sys.modules[name]
        for operator in ("nms", "qnms"):
            torch.library.define(
                f"torchvision::{operator}", "(Tensor boxes, Tensor scores, float iou) -> Tensor"
            )
        import torchvision.datasets
    return torchvision.datasets


def test_torchvision_reads_the_folder(vision: Any, written: Any, batch: Batch) -> None:
    folder = vision.ImageFolder(written("folder", "--shards", 7))
    assert folder.classes == list("0123456789")
    assert len(folder) == COUNT
    for (path, label), (image, again) in zip(folder.samples, folder, strict=True):
        position = int(Path(path).stem) - START
        assert label == again == batch.labels[position]
        assert np.array_equal(np.asarray(image.convert("L")), batch.images[position])


def test_torchvision_reads_the_idx_files(vision: Any, written: Any, tmp_path: Path, batch: Batch) -> None:
    raw = tmp_path / "MNIST" / "raw"
    raw.parent.mkdir()
    written("idx", "--shards", 4).rename(raw)
    for path in raw.glob("train-*"):  # torchvision also needs a test set
        shutil.copy(path, raw / path.name.replace("train", "t10k"))
    for train in (True, False):
        mnist = vision.MNIST(tmp_path, train=train)
        assert torch.equal(mnist.data, torch.from_numpy(batch.images))
        assert mnist.targets.tolist() == batch.labels.tolist()


@pytest.mark.parametrize(("form", "shards"), [("folder", 3), ("parquet", 1), ("parquet", 3)])
def test_hugging_face_reads_images_with_labels_and_styles(
    written: Any, load: Any, batch: Batch, form: str, shards: int
) -> None:
    rows = load(written(form, "--shards", shards))
    assert len(rows) == COUNT
    assert rows.features["label"].names == list("0123456789")
    for row in rows:
        position = row["index"] - START
        assert np.array_equal(np.asarray(row["image"]), batch.images[position])
        assert (row["label"], row["seed"]) == (batch.labels[position], SEED)
        assert [row[name] for name in batch.knob_names] == batch.styles[position].tolist()


def test_hugging_face_reads_the_folder_of_pages(written: Any, load: Any, pages: list[Any]) -> None:
    rows = load(written("pages", images=False))
    assert rows["text"] == [page.text for page in pages]
    assert rows["writer"] == [page.writer for page in pages]
    for row, page in zip(rows, pages, strict=True):
        assert np.array_equal(np.asarray(row["image"]), page.image)


@pytest.mark.parametrize(("text", "count"), [("007", 1), ("12.50", 2)])
def test_a_text_that_looks_like_a_number_stays_a_text(
    made: Any, tmp_path: Path, load: Any, text: str, count: int
) -> None:
    """Even if there are so few pages that most files of the folder are tables."""
    made("text", text, "set/", "-n", count, "--seed", 1)
    assert load(tmp_path / "set")["text"] == [text] * count


def test_hugging_face_reads_boxes_from_parquet(written: Any, load: Any, pages: list[Any]) -> None:
    rows = load(written("parquet", "--shards", 3, images=False))
    names = rows.features["objects"]["category"].feature.names
    for row, page in zip(rows, pages, strict=True):
        assert np.array_equal(np.asarray(row["image"]), page.image)
        assert (row["text"], row["index"], row["writer"]) == (page.text, page.index, page.writer)
        boxes = [[c.box.x, c.box.y, c.box.width, c.box.height] for c in page.characters]
        assert row["objects"]["bbox"] == boxes
        characters = [character.text for character in page.characters]
        assert [names[category] for category in row["objects"]["category"]] == characters
        assert row["objects"]["character"] == characters


PATTERN = "00?7|[-.]{2}7|1 2"
LINES = ["text", "--pattern", PATTERN, "out/", "-n", 11, "--seed", 4, "--shards", 3]


@pytest.fixture
def lines(generator: Generator) -> Any:
    return generator.lines(Pattern(PATTERN), 11, seed=4)


def by_hugging_face(folder: Path) -> list[tuple[Any, str]]:
    import datasets

    rows = datasets.load_dataset("imagefolder", data_dir=str(folder), split="train")
    return [(row["image"], row["text"]) for row in rows]


def by_paddleocr(folder: Path) -> list[tuple[Any, str]]:
    """As `SimpleDataSet` of PaddleOCR reads `label_file_list` and `data_dir`."""
    with (folder / "rec_gt.txt").open("rb") as stream:
        substrings = [line.decode("utf-8").strip("\n").split("\t") for line in stream.readlines()]
    return [(Image.open(folder / substring[0]), substring[1]) for substring in substrings]


def by_dtrb(folder: Path) -> list[tuple[Any, str]]:
    """As `create_lmdb_dataset.py` of deep-text-recognition-benchmark reads `inputPath` and `gtFile`."""
    with (folder / "gt.txt").open(encoding="utf-8") as stream:
        pairs = [line.strip("\n").split("\t") for line in stream.readlines()]
    return [(Image.open(folder / path), label) for path, label in pairs]


def by_tesseract(folder: Path) -> list[tuple[Any, str]]:
    """As `generate_line_box.py` of tesstrain reads the pairs."""
    texts = sorted(folder.glob("*.gt.txt"))
    pairs = [(Path(str(path).removesuffix(".gt.txt") + ".png"), path.read_text("utf-8")) for path in texts]
    return [(Image.open(image), text.strip()) for image, text in pairs]


@pytest.mark.parametrize(
    ("form", "reader"),
    [
        ("imagefolder", by_hugging_face),
        ("paddleocr", by_paddleocr),
        ("dtrb", by_dtrb),
        ("tesseract", by_tesseract),
    ],
)
def test_tools_for_ocr_read_lines_with_their_texts(
    made: Any, load: Any, tmp_path: Path, lines: Any, form: str, reader: Any
) -> None:
    made(*LINES, "--format", form)
    for (image, text), (expected, said) in zip(reader(tmp_path / "out"), lines, strict=True):
        assert text == said
        assert np.array_equal(np.asarray(image), expected)


@pytest.mark.parametrize("form", ["imagefolder", "pages"])
def test_hugging_face_reads_lines_by_the_name_of_the_folder(
    made: Any, load: Any, tmp_path: Path, lines: Any, form: str
) -> None:
    made(*LINES, "--format", form)
    assert load(tmp_path / "out")["text"] == [text for _, text in lines]


@pytest.mark.parametrize("form", ["paddleocr", "dtrb", "tesseract"])
def test_a_label_file_of_lines_refuses_several_lines(fails: Any, tmp_path: Path, form: str) -> None:
    assert "one line" in fails(2, "text", "1", "2", "out/", "--format", form)
    assert list(tmp_path.iterdir()) == []


def test_webdataset_reads_images(written: Any, batch: Batch) -> None:
    import webdataset

    shards = str(written("tar", "--shards", 3) / "train-{00000..00002}-of-00003.tar")
    samples = list(webdataset.WebDataset(shards, shardshuffle=False).decode("l8"))
    assert [sample["__key__"] for sample in samples] == [str(START + n).zfill(9) for n in range(COUNT)]
    assert np.array_equal(np.stack([sample["png"] for sample in samples]), batch.images)
    assert [sample["json"]["label"] for sample in samples] == batch.labels.tolist()
    assert [sample["json"]["width"] for sample in samples] == batch.styles[:, 2].tolist()


def test_a_tar_has_no_owner_and_no_time(made: Any, tmp_path: Path) -> None:
    made(*IMAGES, "a.tar")
    with tarfile.open(tmp_path / "a.tar") as archive:
        entries = archive.getmembers()
    assert {(entry.mtime, entry.uid, entry.uname, entry.mode) for entry in entries} == {(0, 0, "", 0o644)}
    names = [f"{START + number:09}.{kind}" for number in range(COUNT) for kind in ("png", "json")]
    assert [entry.name for entry in entries] == names


@pytest.mark.parametrize("what", [IMAGES, ["text", "20", *PAGES]], ids=["images", "pages"])
@pytest.mark.parametrize("form", ["tar", "parquet"])
def test_a_file_and_a_pipe_get_the_same_bytes(made: Any, tmp_path: Path, what: list[Any], form: str) -> None:
    operands = what[: 2 if what[0] == "text" else 1]
    made(*operands, f"a.{form}", *what[len(operands) :])
    piped = made(*operands, "-", *what[len(operands) :], "--format", form)
    assert piped.stdout == (tmp_path / f"a.{form}").read_bytes()


def test_a_png_file_carries_its_address(written: Any, generator: Generator) -> None:
    for path in written("folder").glob("*/*.png"):
        with Image.open(path) as image:
            address = json.loads(image.text["scorp"])  # type: ignore[attr-defined]
            seed, start = int(address["seed"]), int(address["index"])
            again = generator.generate([address["label"]], seed=seed, start=start, **address["styles"])
            assert np.array_equal(np.asarray(image), again.images[0])
        assert address["model"] == f"tiny 1.0.0 {generator.model_sha256[:16]}"


@pytest.mark.parametrize(
    ("options", "counts"),
    [
        (["1,5,8", "--per-class", "2,30,5"], [0, 2, 0, 0, 0, 30, 0, 0, 5]),
        (["1,5", "--per-class", 4], [0, 4, 0, 0, 0, 4]),
        (["1,5,8", "--class-weights", "0,1,0", "-n", 9], [0, 0, 0, 0, 0, 9]),
    ],
)
def test_counts_and_weights_of_classes(
    made: Any, tmp_path: Path, options: list[Any], counts: list[int]
) -> None:
    made(*options, "a.npz", "-s", 1)
    assert np.bincount(np.load(tmp_path / "a.npz")["labels"]).tolist() == counts
