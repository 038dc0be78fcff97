"""Every format of datasets is read back by the library that its users use, with pixels, labels and styles intact.

What torchvision reads is in `test_torchvision.py`, pages of text in `test_page_datasets.py`.
"""

import io
import json
import tarfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from scorp_runtime import Batch, Generator

# datasets and webdataset leave files for the garbage collector to close.
pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

COUNT, SEED, START = 60, 3, 99_999_990
ASKED = ["0-9", "-n", COUNT, "--seed", SEED, "--start", START, "--slant", "-10..5"]


@pytest.fixture
def batch(generator: Generator) -> Batch:
    return generator.generate("0-9", COUNT, seed=SEED, start=START, slant="-10..5")


@pytest.fixture
def written(scorp_gen: Any, tmp_path: Path) -> Any:
    def write(form: str, *more: object) -> Path:
        result = scorp_gen(*ASKED, "out/", "--format", form, *more)
        assert result.returncode == 0, result.stderr
        return tmp_path / "out"

    return write


@pytest.fixture(autouse=True)
def no_hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep Hugging Face's caches in the test's folder."""
    import datasets

    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    monkeypatch.setattr(datasets.config, "HF_HUB_OFFLINE", True)
    datasets.disable_progress_bars()


def load(folder: Path) -> Any:
    import datasets

    return datasets.load_dataset(str(folder), split="train")


def test_idx_is_what_readers_of_mnist_expect(written: Any, batch: Batch) -> None:
    folder = written("idx", "--shards", 4)
    images = np.fromfile(folder / "train-images-idx3-ubyte", np.uint8)
    labels = np.fromfile(folder / "train-labels-idx1-ubyte", np.uint8)
    assert images[:16].view(">i4").tolist() == [2051, COUNT, 12, 10]
    assert labels[:8].view(">i4").tolist() == [2049, COUNT]
    assert np.array_equal(images[16:].reshape(-1, 12, 10), batch.images)
    assert labels[8:].tolist() == batch.labels.tolist()


@pytest.mark.parametrize("shards", [1, 7])
def test_a_folder_is_an_image_folder(written: Any, batch: Batch, shards: int) -> None:
    folder = written("folder", "--shards", shards)
    classes = sorted(path.name for path in folder.iterdir() if path.is_dir())
    samples = [
        (path, label) for label, name in enumerate(classes) for path in sorted((folder / name).iterdir())
    ]
    assert len(samples) == COUNT
    for path, label in samples:
        place = int(path.stem) - START
        assert np.array_equal(np.asarray(Image.open(path)), batch.images[place])
        assert label == batch.labels[place]


def test_hugging_face_reads_the_folder_with_its_table(written: Any, batch: Batch) -> None:
    rows = load(written("folder", "--shards", 3))
    assert len(rows) == COUNT
    assert rows.features["label"].names == list("0123456789")
    for row in rows:
        place = row["index"] - START
        assert np.array_equal(np.asarray(row["image"]), batch.images[place])
        assert (row["label"], row["seed"]) == (batch.labels[place], SEED)
        assert [row[name] for name in ("thickness", "slant", "width")] == batch.styles[place].tolist()


@pytest.mark.parametrize("shards", [1, 3])
def test_hugging_face_reads_parquet_as_pictures_and_class_labels(
    written: Any, batch: Batch, shards: int
) -> None:
    rows = load(written("parquet", "--shards", shards))
    assert rows.features["label"].names == list("0123456789")
    assert rows["label"] == batch.labels.tolist()
    assert rows["index"] == list(range(START, START + COUNT))
    assert rows["slant"] == batch.styles[:, 1].tolist()
    for row, image in zip(rows, batch.images, strict=True):
        assert np.array_equal(np.asarray(row["image"]), image)


def test_parquet_is_a_table_for_everyone_else(scorp_gen: Any, tmp_path: Path, batch: Batch) -> None:
    from pyarrow import parquet

    assert scorp_gen(*ASKED, "a.parquet").returncode == 0
    table = parquet.read_table(tmp_path / "a.parquet").to_pydict()
    assert table["label"] == batch.labels.tolist()
    decoded = [np.asarray(Image.open(io.BytesIO(image["bytes"]))) for image in table["image"]]
    assert np.array_equal(decoded, batch.images)
    piped = scorp_gen(*ASKED, "--format", "parquet")
    assert piped.stdout == (tmp_path / "a.parquet").read_bytes()


def test_webdataset_reads_the_shards(written: Any, batch: Batch) -> None:
    import webdataset

    folder = written("tar", "--shards", 3)
    shards = str(folder / "train-{00000..00002}-of-00003.tar")
    samples = list(webdataset.WebDataset(shards, shardshuffle=False).decode("l8"))
    assert len(samples) == COUNT
    for place, sample in enumerate(samples):
        assert sample["__key__"] == str(START + place).zfill(9)
        assert np.array_equal(sample["png"], batch.images[place])
        assert sample["json"]["label"] == batch.labels[place]
        assert sample["json"]["width"] == batch.styles[place, 2]


def test_hugging_face_reads_the_shards_of_webdataset(written: Any, batch: Batch) -> None:
    rows = load(written("tar"))
    assert [row["json"]["label"] for row in rows] == batch.labels.tolist()
    assert np.array_equal(np.stack([np.asarray(row["png"]) for row in rows]), batch.images)


def test_a_tar_has_no_owner_and_no_time(scorp_gen: Any, tmp_path: Path) -> None:
    assert scorp_gen(*ASKED, "a.tar").returncode == 0
    with tarfile.open(tmp_path / "a.tar") as archive:
        entries = archive.getmembers()
    assert {(entry.mtime, entry.uid, entry.uname, entry.mode) for entry in entries} == {(0, 0, "", 0o644)}
    assert [entry.name for entry in entries] == sorted(
        (e.name for e in entries), key=lambda n: (n[:9], n[::-1])
    )
    piped = scorp_gen(*ASKED, "--format", "tar")
    assert piped.stdout == (tmp_path / "a.tar").read_bytes()


def test_npz_shards_follow_each_other(written: Any, batch: Batch) -> None:
    folder = written("npz", "--shards", 3)
    shards = [np.load(path) for path in sorted(folder.glob("train-*.npz"))]
    assert np.array_equal(np.concatenate([shard["images"] for shard in shards]), batch.images)
    assert np.array_equal(np.concatenate([shard["labels"] for shard in shards]), batch.labels)
    assert [int(shard["start"]) for shard in shards] == [START, START + 20, START + 40]
    for shard in shards:
        shard.close()


def test_a_png_carries_what_draws_it_again(written: Any, generator: Generator) -> None:
    for path in written("folder").glob("*/*.png"):
        with Image.open(path) as image:
            said = json.loads(image.text["scorp"])  # type: ignore[attr-defined]
            again = generator.generate(
                [said["label"]], seed=int(said["seed"]), start=int(said["index"]), **said["styles"]
            )
            assert np.array_equal(np.asarray(image), again.images[0])
        assert said["model"] == f"tiny 1.0.0 {generator.model_sha256[:16]}"


def test_a_missing_library_is_one_line(scorp_gen: Any, tmp_path: Path, environment: dict[str, str]) -> None:
    (tmp_path / "pyarrow").mkdir()
    (tmp_path / "pyarrow" / "__init__.py").write_text("raise ModuleNotFoundError(name='pyarrow')")
    without = {**environment, "PYTHONPATH": f"{tmp_path}:{environment['PYTHONPATH']}"}
    result = scorp_gen("7", "a.parquet", env=without)
    assert result.returncode == 1
    told = result.stderr.decode()
    assert told == "scorp-gen: pyarrow is missing: pip install 'scorp-runtime[parquet]'\n"
    assert not (tmp_path / "a.parquet").exists()


def test_counts_per_class_and_weights_from_the_command_line(scorp_gen: Any, tmp_path: Path) -> None:
    assert scorp_gen("1,5,8", "a.npz", "--per-class", "2,30,5", "-s", 1).returncode == 0
    assert np.bincount(np.load(tmp_path / "a.npz")["labels"]).tolist() == [0, 2, 0, 0, 0, 30, 0, 0, 5]
    assert scorp_gen("1,5", "a.npz", "--per-class", 4, "-s", 1).returncode == 0
    assert np.bincount(np.load(tmp_path / "a.npz")["labels"]).tolist() == [0, 4, 0, 0, 0, 4]
    assert scorp_gen("1,5,8", "a.npz", "--class-weights", "1,0,3", "-n", 400, "-s", 1).returncode == 0
    drawn = np.bincount(np.load(tmp_path / "a.npz")["labels"])
    assert drawn[5] == 0
    assert drawn[1] / 400 == pytest.approx(0.25, abs=0.08)
