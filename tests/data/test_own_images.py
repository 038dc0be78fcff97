"""Images as people have them are read as drawn, or refused in one line; what is left out is reported."""

import json
import shutil
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from scorp_runtime import Generator
from scorp_train.cli.train import main
from scorp_train.data import DataError, Dataset, load_dataset
from scorp_train.data.idx import format_idx
from scorp_train.data.idx_folder import FILES
from scorp_train.training.options import Plan
from scorp_train.training.training_data import load_data

Grey = NDArray[np.uint8]


@pytest.fixture(scope="module")
def drawn() -> Grey:
    """Eighteen digits for each of two classes."""
    return Generator().generate([0] * 18 + [1] * 18, seed=5).images


def write(root: Path, drawn: Grey, encode: Callable[[Grey], Image.Image], name: str, **options: Any) -> Path:
    """Two class folders with every image in one kind of file; `name` has a place for a number."""
    for number, image in enumerate(drawn):
        folder = root / str(number // 18)
        folder.mkdir(parents=True, exist_ok=True)
        encode(image).save(folder / name.format(number % 18), **options)
    return root


def png(root: Path, drawn: Grey) -> Path:
    return write(root, drawn, Image.fromarray, "{:03d}.png")


def difference(dataset: Dataset, drawn: Grey) -> int:
    """The largest difference of a grey level from the images as they were drawn."""
    kept = [number for number in range(36) if number % 6 != 5]
    return int(np.abs(dataset.train.images.astype(int) - drawn[kept]).max())


def deep(times: int) -> Callable[[Grey], Image.Image]:
    return lambda image: Image.fromarray(image.astype(np.uint16) * np.uint16(times))


def floats(low: float, high: float) -> Callable[[Grey], Image.Image]:
    return lambda image: Image.fromarray((image / 255 * (high - low) + low).astype(np.float32))


def transparent(mode: str, ink: int) -> Callable[[Grey], Image.Image]:
    def encode(image: Grey) -> Image.Image:
        layers = [Image.new("L", image.shape[::-1], ink)] * (len(mode) - 1)
        return Image.merge(mode, [*layers, Image.fromarray(image)])

    return encode


def big_endian(image: Grey) -> Image.Image:
    return Image.frombytes("I;16B", image.shape[::-1], (image.astype(">u2") * 257).astype(">u2").tobytes())


AS_DRAWN: dict[str, tuple[Callable[[Grey], Image.Image], str, dict[str, Any], int]] = {
    "8 bits": (Image.fromarray, "{:03d}.PNG", {}, 0),
    "0 and 1": (lambda image: Image.fromarray(image // 128), "{:03d}.png", {}, 127),
    "0 to 15": (lambda image: Image.fromarray(image // 17), "{:03d}.png", {}, 16),
    "16 bits": (deep(257), "{:03d}.png", {}, 0),
    "12 bits in 16": (deep(16), "{:03d}.png", {}, 0),
    "10 bits in 16": (deep(4), "{:03d}.tif", {}, 0),
    "16 bits, big-endian": (big_endian, "{:03d}.tif", {}, 0),
    "16 bits with a transparent value": (deep(257), "{:03d}.png", {"transparency": 0}, 0),
    "32 bits": (lambda image: Image.fromarray(image.astype(np.int32)), "{:03d}.tif", {}, 0),
    "floats of 0 to 1": (floats(0, 1), "{:03d}.tif", {}, 0),
    "floats of -1 to 1": (floats(-1, 1), "{:03d}.tif", {}, 0),
    "floats of 0 to 65535": (floats(0, 65535), "{:03d}.tif", {}, 0),
    "white ink on transparency": (transparent("LA", 255), "{:03d}.png", {}, 0),
    "white ink on transparency, RGBA": (transparent("RGBA", 255), "{:03d}.png", {}, 0),
    "a JFIF file": (Image.fromarray, "{:03d}.jfif", {"format": "JPEG", "quality": 100, "subsampling": 0}, 3),
    "a JPE file": (Image.fromarray, "{:03d}.jpe", {"format": "JPEG", "quality": 100}, 3),
    "a PPM file": (lambda image: Image.fromarray(image).convert("RGB"), "{:03d}.ppm", {}, 0),
}


@pytest.mark.parametrize("kind", AS_DRAWN)
def test_images_are_read_as_drawn(tmp_path: Path, drawn: Grey, kind: str) -> None:
    encode, name, options, tolerance = AS_DRAWN[kind]
    dataset = load_dataset(write(tmp_path, drawn, encode, name, **options))
    assert difference(dataset, drawn) <= tolerance
    assert dataset.train.images.max() > 250


@pytest.mark.parametrize(
    "encode",
    [
        transparent("LA", 0),
        transparent("RGBA", 30),
        lambda image: Image.fromarray((255 - image).astype(np.uint16) * np.uint16(257)),
    ],
)
def test_dark_ink_is_laid_out(tmp_path: Path, drawn: Grey, encode: Callable[[Grey], Image.Image]) -> None:
    large = drawn.repeat(3, 1).repeat(3, 2)
    images = load_dataset(write(tmp_path, large, encode, "{:03d}.png")).train.images
    assert 20 < images.mean() < 60
    assert images[:, 0].max() == 0


def test_the_range_is_that_of_the_whole_data_set(tmp_path: Path, drawn: Grey) -> None:
    """A faint image stays faint; it is not stretched alone."""
    faint = drawn.copy()
    faint[0] //= 2
    assert difference(load_dataset(write(tmp_path, faint, deep(16), "{:03d}.png")), faint) == 0


def change(root: Path, path: str, encode: Callable[[Grey], Grey]) -> Path:
    for place in sorted(root.glob(path)):
        with Image.open(place) as image:
            Image.fromarray(encode(np.asarray(image))).save(place)
    return root


@pytest.mark.parametrize("odd", [lambda image: image // 255, lambda image: 255 - image])
@pytest.mark.parametrize("path", ["0/003.png", "1/*.png"])
def test_images_unlike_the_others_are_refused_by_name(
    tmp_path: Path, drawn: Grey, path: str, odd: Callable[[Grey], Grey]
) -> None:
    change(png(tmp_path, drawn), path, odd)
    with pytest.raises(DataError, match=path.replace("*", "000")):
        load_dataset(tmp_path)


def test_invert_states_the_polarity(tmp_path: Path, drawn: Grey) -> None:
    png(tmp_path / "light", drawn)
    write(tmp_path / "dark", 255 - drawn, Image.fromarray, "{:03d}.png")
    for layout in ("auto", "none"):
        assert difference(load_dataset(tmp_path / "dark", layout, invert=True), drawn) == 0
    for place, layout, invert in (("dark", "none", False), ("light", "auto", True)):
        with pytest.raises(DataError, match="--invert"):
            load_dataset(tmp_path / place, layout, invert)


@pytest.mark.parametrize("training", ["train", "training", "Train"])
@pytest.mark.parametrize("other", ["test", "val", "valid", "validation"])
def test_an_unlabelled_split_is_left_out_and_reported(
    tmp_path: Path, drawn: Grey, training: str, other: str
) -> None:
    png(tmp_path / training, drawn)
    shutil.copytree(tmp_path / training / "0", tmp_path / other)
    dataset = load_dataset(tmp_path)
    assert dataset.classes == ("0", "1")
    assert (len(dataset.train), len(dataset.test)) == (30, 6)
    (note,) = dataset.notes
    assert "18 files" in note
    assert f"{other}/000.png" in note


def test_a_labelled_validation_split_is_the_test_split(tmp_path: Path, drawn: Grey) -> None:
    png(tmp_path / "images" / "train", drawn)
    png(tmp_path / "images" / "valid", drawn[::3].repeat(3, 0))
    dataset = load_dataset(tmp_path)
    assert (len(dataset.train), len(dataset.test), dataset.notes) == (36, 36, ())


def test_what_is_no_image_is_left_out_and_counted_by_reason(tmp_path: Path, drawn: Grey) -> None:
    png(tmp_path, drawn)
    for number in range(7):
        (tmp_path / "0" / f"{number}.HEIC").write_bytes(b"of a telephone")
    for name in ("Thumbs.db", ".DS_Store", "1/Thumbs.db"):
        (tmp_path / name).write_bytes(b"of the system")
    (tmp_path / "labels.csv").write_text("file,label")
    (tmp_path / "0" / "old").mkdir()
    shutil.copy(tmp_path / "0" / "000.png", tmp_path / "0" / "old")
    (tmp_path / "around").symlink_to(".")
    dataset = load_dataset(tmp_path)
    assert difference(dataset, drawn) == 0
    counts = {note.split(": ")[0].split(", ", 1)[1]: int(note.split()[2]) for note in dataset.notes}
    assert sorted(counts.values()) == [1, 1, 1, 3, 7]
    assert any(".heic" in note and "2 more" in note for note in dataset.notes)


def empty(root: Path) -> str:
    (root / "3").mkdir()
    (root / "3" / ".keep").touch()
    return str(root / "3")


def unknown_kind(root: Path) -> str:
    (root / "3").mkdir()
    (root / "3" / "a.heic").touch()
    return ".heic"


def nested(root: Path) -> str:
    shutil.copytree(root / "0", root / "3" / "somebody")
    return "somebody"


def beside_train(root: Path) -> str:
    shutil.copytree(root / "0", root / "train" / "0")
    return str(root / "0")


def twice(root: Path) -> str:
    for form in ("NFC", "NFD"):
        shutil.copytree(root / "0", root / unicodedata.normalize(form, "Ä"))
    return "one class"


def both_spellings(root: Path) -> str:
    for name in ("train", "Training"):
        png(root / name, np.zeros((0, 28, 28), np.uint8))
        shutil.copytree(root / "0", root / name / "0")
    return "Training"


def only_splits(root: Path) -> str:
    for old, new in (("0", "train"), ("1", "test")):
        (root / old).rename(root / new)
    return "test holds images but no class folders"


def one_folder(root: Path) -> str:
    shutil.rmtree(root / "0")
    (root / "1").rename(root / "images")
    return "images holds images but no class folders"


def untrained(root: Path) -> str:
    for old in ("0", "1"):
        (root / "test").mkdir(exist_ok=True)
        (root / old).rename(root / "test" / old)
    return "no train/"


def strange(root: Path) -> str:
    untrained(root)
    shutil.copytree(root / "test" / "0", root / "train" / "0")
    return str(root / "test" / "1")


def flat(root: Path) -> str:
    (root / "0").rename(root.parent / "away")
    for path in (root / "1").iterdir():
        path.rename(root / path.name)
    (root / "1").rmdir()
    return "a folder for each class"


@pytest.mark.parametrize(
    "spoil",
    [
        empty,
        unknown_kind,
        nested,
        beside_train,
        twice,
        both_spellings,
        only_splits,
        one_folder,
        untrained,
        strange,
        flat,
    ],
)
def test_a_layout_that_leaves_doubt_is_refused(
    tmp_path: Path, drawn: Grey, spoil: Callable[[Path], str]
) -> None:
    named = spoil(png(tmp_path / "mine", drawn))
    with pytest.raises(DataError) as caught:
        load_dataset(tmp_path / "mine")
    assert named in str(caught.value)
    assert "\n" not in str(caught.value)


def test_decomposed_names_become_composed(tmp_path: Path, drawn: Grey) -> None:
    png(tmp_path, drawn)
    (tmp_path / "1").rename(tmp_path / unicodedata.normalize("NFD", "Ä"))
    assert load_dataset(tmp_path).classes == ("0", "Ä")


def test_decomposed_names_of_idx_files_become_composed(tmp_path: Path, drawn: Grey) -> None:
    idx(tmp_path, drawn)
    (tmp_path / "classes.txt").write_text(unicodedata.normalize("NFD", "Ä\nB\n"), encoding="utf-8")
    assert load_dataset(tmp_path).classes == ("Ä", "B")


def idx(root: Path, train: Grey, test: Grey | None = None) -> Path:
    root.mkdir(exist_ok=True)
    labels = np.repeat(np.arange(2, dtype=np.uint8), 18)
    arrays = [train, labels, *(() if test is None else (test, labels))]
    for name, array in zip(FILES, arrays, strict=False):
        (root / name).write_bytes(format_idx(array))
    return root


@pytest.mark.parametrize("highest", [1, 15, 100])
@pytest.mark.parametrize("invert", [False, True])
def test_idx_files_of_another_range_are_scaled(
    tmp_path: Path, drawn: Grey, highest: int, invert: bool
) -> None:
    small = np.rint(drawn / 255 * highest).astype(np.uint8)
    dataset = load_dataset(idx(tmp_path, highest - small if invert else small), invert=invert)
    assert difference(dataset, drawn) <= 255 / highest / 2 + 1
    assert len(dataset.notes) == 1


def with_odd_ones(images: Grey, odd: Callable[[Grey], Grey]) -> Grey:
    return np.concatenate([images[:30], odd(images[30:])])


@pytest.mark.parametrize(
    ("make", "named"),
    [
        (lambda images: (255 - images, None), "--invert"),
        (lambda images: (images, 255 - images), FILES[2]),
        (lambda images: (images // 255, images), FILES[0]),
        (lambda images: (images, images // 255), FILES[2]),
        (lambda images: (with_odd_ones(images, lambda some: 255 - some), None), "number 30"),
        (lambda images: (with_odd_ones(images, lambda some: some // 255), None), "number 30"),
        (lambda images: (images * 0, None), "blank"),
    ],
)
def test_idx_files_that_are_not_alike_are_refused(
    tmp_path: Path, drawn: Grey, make: Callable[[Grey], tuple[Grey, Grey | None]], named: str
) -> None:
    with pytest.raises(DataError, match=named):
        load_dataset(idx(tmp_path, *make(drawn)))


def test_blank_images_of_idx_files_are_left_out_and_reported(tmp_path: Path, drawn: Grey) -> None:
    images = drawn.copy()
    images[3] = 0
    dataset = load_dataset(idx(tmp_path, images, drawn))
    assert len(dataset.train) == 35
    (note,) = dataset.notes
    assert "images 3 of" in note


def test_a_training_inverts_and_reports_what_is_left_out(
    tmp_path: Path, drawn: Grey, capsys: pytest.CaptureFixture[str]
) -> None:
    (idx(tmp_path / "mine", 255 - drawn) / "read.me").write_text("about these digits")
    words = ["--data", str(tmp_path / "mine"), "--runs", str(tmp_path / "runs")]
    assert main(words) == 1
    assert "--invert" in capsys.readouterr().err
    assert not (tmp_path / "runs").exists()
    assert main([*words, "--invert", "--dry-run"]) == 0
    plan = Plan.from_json(json.loads(capsys.readouterr().out))
    assert "--invert" in plan.command().split()
    assert difference(load_data(plan), drawn) == 0
    assert "read.me" in capsys.readouterr().err


def test_only_directories_are_inverted() -> None:
    with pytest.raises(DataError, match="--invert"):
        load_dataset("mnist", invert=True)
