"""Images as people have them are read as drawn, or refused in one line; skipped files are reported."""

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
from scorp_train.data.idx_folder import FILES
from scorp_train.measures.style import measure_styles
from scorp_train.training.options import Plan
from scorp_train.training.training_data import load_data

Grey = NDArray[np.uint8]
Encode = Callable[[Grey], Image.Image]


@pytest.fixture(scope="module")
def drawn() -> Grey:
    """Eighteen digits for each of two classes."""
    return Generator().generate([0] * 18 + [1] * 18, seed=5).images


def write(
    root: Path, images: Grey, encode: Encode = Image.fromarray, name: str = "{:03d}.png", **options: Any
) -> Path:
    """Write two class folders; `name` has a place for a number."""
    for number, image in enumerate(images):
        folder = root / str(number // 18)
        folder.mkdir(parents=True, exist_ok=True)
        encode(image).save(folder / name.format(number % 18), **options)
    return root


def difference(dataset: Dataset, drawn: Grey) -> int:
    """Return the largest difference in grey levels from the images as drawn."""
    kept = [number for number in range(36) if number % 6 != 5]
    return int(np.abs(dataset.train.images.astype(int) - drawn[kept]).max())


def deep(times: int) -> Encode:
    return lambda image: Image.fromarray(image.astype(np.uint16) * np.uint16(times))


def floats(low: float, high: float) -> Encode:
    return lambda image: Image.fromarray((image / 255 * (high - low) + low).astype(np.float32))


def converted(mode: str) -> Encode:
    return lambda image: Image.fromarray(image).convert(mode)


def transparent(mode: str, ink: int) -> Encode:
    def encode(image: Grey) -> Image.Image:
        layers = [Image.new("L", image.shape[::-1], ink)] * (len(mode) - 1)
        return Image.merge(mode, [*layers, Image.fromarray(image)])

    return encode


SEVERAL = {"save_all": True, "append_images": [Image.new("L", (28, 28))]}
AS_DRAWN: dict[str, tuple[Encode, str, dict[str, Any], int]] = {
    "8 bits": (Image.fromarray, "{:03d}.PNG", {}, 0),
    "0 and 1": (lambda image: Image.fromarray(image // 128), "{:03d}.png", {}, 127),
    "0 to 15": (lambda image: Image.fromarray(image // 17), "{:03d}.png", {}, 16),
    "16 bits": (deep(257), "{:03d}.png", {}, 0),
    "12 bits in 16": (deep(16), "{:03d}.png", {}, 0),
    "16 bits with a transparent value": (deep(257), "{:03d}.png", {"transparency": 0}, 0),
    "32 bits": (lambda image: Image.fromarray(image.astype(np.int32)), "{:03d}.tif", {}, 0),
    "floats of 0 to 1": (floats(0, 1), "{:03d}.tif", {}, 0),
    "floats of -1 to 1": (floats(-1, 1), "{:03d}.tif", {}, 0),
    "white ink on transparency": (transparent("LA", 255), "{:03d}.png", {}, 0),
    "white ink on transparency, RGBA": (transparent("RGBA", 255), "{:03d}.png", {}, 0),
    "colours": (converted("RGB"), "{:03d}.ppm", {}, 0),
    "the first image of an animation": (Image.fromarray, "{:03d}.gif", SEVERAL, 3),
}


@pytest.mark.parametrize("kind", AS_DRAWN)
def test_images_are_read_as_drawn(tmp_path: Path, drawn: Grey, kind: str) -> None:
    encode, name, options, tolerance = AS_DRAWN[kind]
    dataset = load_dataset(write(tmp_path, drawn, encode, name, **options))
    assert difference(dataset, drawn) <= tolerance
    assert dataset.train.images.max() > 250


def test_class_folders_are_a_dataset(tmp_path: Path, drawn: Grey) -> None:
    write(tmp_path, drawn)
    for old, name in (("0", "10"), ("1", "9"), ("10", "Ä"), ("9", "ring")):
        shutil.copytree(tmp_path / old, tmp_path / name)
    dataset = load_dataset(tmp_path)
    assert dataset.name == tmp_path.name
    assert dataset.classes == ("0", "1", "9", "10", "ring", "Ä")
    assert (len(dataset.train), len(dataset.test)) == (6 * 15, 6 * 3)
    assert (dataset.test.images[0] == drawn[5]).all()
    assert np.unique(dataset.train.labels).tolist() == list(range(6))


@pytest.mark.parametrize(("suffix", "dark", "times"), [("png", True, 3), ("jpg", True, 5), ("png", False, 4)])
def test_scans_are_brought_into_the_form_of_mnist(
    tmp_path: Path, drawn: Grey, suffix: str, dark: bool, times: int
) -> None:
    large = drawn.repeat(times, 1).repeat(times, 2)
    dataset = load_dataset(write(tmp_path, 255 - large if dark else large, name=f"{{:03d}}.{suffix}"))
    given = measure_styles(np.delete(drawn, np.s_[5::6], 0))
    assert (np.abs(measure_styles(dataset.train.images) - given).mean(0) < [0.25, 1.5, 0.8, 0.8]).all()


@pytest.mark.parametrize(
    "encode", [transparent("LA", 0), transparent("RGBA", 30), lambda image: deep(257)(255 - image)]
)
def test_dark_ink_is_inverted(tmp_path: Path, drawn: Grey, encode: Encode) -> None:
    images = load_dataset(write(tmp_path, drawn.repeat(3, 1).repeat(3, 2), encode)).train.images
    assert 20 < images.mean() < 60
    assert images[:, 0].max() == 0


def test_the_range_is_that_of_the_whole_dataset(tmp_path: Path, drawn: Grey) -> None:
    """A faint image stays faint; it is not stretched alone."""
    faint = drawn.copy()
    faint[0] //= 2
    assert difference(load_dataset(write(tmp_path, faint, deep(16))), faint) == 0


@pytest.mark.parametrize("odd", [lambda image: image // 255, lambda image: 255 - image])
@pytest.mark.parametrize("path", ["0/003.png", "1/*.png"])
def test_images_unlike_the_others_are_refused_by_name(
    tmp_path: Path, drawn: Grey, path: str, odd: Callable[[Grey], Grey]
) -> None:
    for place in sorted(write(tmp_path, drawn).glob(path)):
        with Image.open(place) as image:
            Image.fromarray(odd(np.asarray(image))).save(place)
    with pytest.raises(DataError, match=path.replace("*", "000")):
        load_dataset(tmp_path)


@pytest.mark.parametrize("content", [b"", b"\x89PNG\r\n\x1a\n" + bytes(40), None])
def test_an_unusable_file_is_named_in_one_line(tmp_path: Path, drawn: Grey, content: bytes | None) -> None:
    bad = write(tmp_path, drawn) / "0" / "bad.png"
    if content is None:
        Image.new("L", (40, 40), 200).save(bad)
    else:
        bad.write_bytes(content)
    with pytest.raises(DataError, match=r"bad\.png \((blank|not a readable image)") as caught:
        load_dataset(tmp_path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("times", "dark", "named"), [(2, False, "56 x 56 pixels"), (1, True, "black on white")]
)
def test_without_layout_other_images_are_refused(
    tmp_path: Path, drawn: Grey, times: int, dark: bool, named: str
) -> None:
    large = drawn.repeat(times, 1).repeat(times, 2)
    with pytest.raises(DataError, match=named) as caught:
        load_dataset(write(tmp_path, 255 - large if dark else large), "none")
    assert "36 images" in str(caught.value)
    assert "31 more" in str(caught.value)


def test_invert_states_the_polarity(tmp_path: Path, drawn: Grey) -> None:
    write(tmp_path / "light", drawn)
    write(tmp_path / "dark", 255 - drawn)
    for layout in ("auto", "none"):
        assert difference(load_dataset(tmp_path / "dark", layout, invert=True), drawn) == 0
    for place, layout, invert in (("dark", "none", False), ("light", "auto", True)):
        with pytest.raises(DataError, match="--invert"):
            load_dataset(tmp_path / place, layout, invert)


@pytest.mark.parametrize("training", ["training", "Train"])
@pytest.mark.parametrize("other", ["test", "val"])
def test_an_unlabelled_split_is_skipped_and_reported(
    tmp_path: Path, drawn: Grey, training: str, other: str
) -> None:
    write(tmp_path / training, drawn)
    shutil.copytree(tmp_path / training / "0", tmp_path / other)
    dataset = load_dataset(tmp_path)
    assert dataset.classes == ("0", "1")
    assert (len(dataset.train), len(dataset.test)) == (30, 6)
    (note,) = dataset.notes
    assert "18 files" in note
    assert f"{other}/000.png" in note


@pytest.mark.parametrize("folder", ["test", "valid"])
def test_a_labelled_split_is_the_test_split(tmp_path: Path, drawn: Grey, folder: str) -> None:
    write(tmp_path / "train", drawn)
    write(tmp_path / folder, drawn[::3].repeat(3, 0))
    dataset = load_dataset(tmp_path)
    assert (len(dataset.train), len(dataset.test), dataset.notes) == (36, 36, ())


def test_other_files_are_skipped_and_counted_by_reason(tmp_path: Path, drawn: Grey) -> None:
    write(tmp_path, drawn)
    for number in range(7):
        (tmp_path / "0" / f"{number}.HEIC").write_bytes(b"of a telephone")
    for name in ("Thumbs.db", ".DS_Store", "1/Thumbs.db"):
        (tmp_path / name).write_bytes(b"of the system")
    for name in ("labels.csv", "metadata.csv", "README.md"):  # scorp-gen writes the last two
        (tmp_path / name).write_text("file,label")
    (tmp_path / "0" / "old").mkdir()
    shutil.copy(tmp_path / "0" / "000.png", tmp_path / "0" / "old")
    dataset = load_dataset(tmp_path)
    assert difference(dataset, drawn) == 0
    assert sorted(int(note.split()[1]) for note in dataset.notes) == [1, 1, 3, 7]
    assert any(".heic" in note and "2 more" in note for note in dataset.notes)


def unusable_name(root: Path) -> str:
    (root / "0").rename(root / "two words")
    return "'two words'"


def empty(root: Path) -> str:
    (root / "3").mkdir()
    (root / "3" / ".keep").touch()
    return str(root / "3")


def unknown_format(root: Path) -> str:
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
    return "two classes"


def one_folder(root: Path) -> str:
    shutil.rmtree(root / "0")
    (root / "1").rename(root / "images")
    return "images holds images but no class folders"


def untrained(root: Path) -> str:
    for old in ("0", "1"):
        (root / "test").mkdir(exist_ok=True)
        (root / old).rename(root / "test" / old)
    return "no train/"


def unknown_class(root: Path) -> str:
    untrained(root)
    shutil.copytree(root / "test" / "0", root / "train" / "0")
    return "class '1' is not in train/"


def flat(root: Path) -> str:
    (root / "0").rename(root.parent / "away")
    for path in (root / "1").iterdir():
        path.rename(root / path.name)
    (root / "1").rmdir()
    return "a folder for each class"


UNCLEAR = [unusable_name, empty, unknown_format, nested, beside_train, twice]
UNCLEAR += [one_folder, untrained, unknown_class, flat]


@pytest.mark.parametrize("spoil", UNCLEAR)
def test_unclear_folders_are_refused(tmp_path: Path, drawn: Grey, spoil: Callable[[Path], str]) -> None:
    named = spoil(write(tmp_path / "mine", drawn))
    with pytest.raises(DataError) as caught:
        load_dataset(tmp_path / "mine")
    assert named in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.fixture(scope="session")
def idx(write_idx: Callable[..., Path]) -> Callable[..., Path]:
    """Return a function that writes 36 images, and optionally as many test images, as IDX files."""

    def make(root: Path, train: Grey, test: Grey | None = None) -> Path:
        labels = np.repeat(np.arange(2), 18)
        return write_idx(root, train, labels, *(() if test is None else (test, labels)))

    return make


@pytest.mark.parametrize("highest", [1, 15, 100])
@pytest.mark.parametrize("invert", [False, True])
def test_idx_files_of_another_range_are_scaled(
    tmp_path: Path, drawn: Grey, idx: Callable[..., Path], highest: int, invert: bool
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
    tmp_path: Path,
    drawn: Grey,
    idx: Callable[..., Path],
    make: Callable[[Grey], tuple[Grey, Grey | None]],
    named: str,
) -> None:
    with pytest.raises(DataError, match=named):
        load_dataset(idx(tmp_path, *make(drawn)))


def test_blank_images_of_idx_files_are_skipped_and_reported(
    tmp_path: Path, drawn: Grey, idx: Callable[..., Path]
) -> None:
    images = drawn.copy()
    images[3] = 0
    dataset = load_dataset(idx(tmp_path, images, drawn))
    assert len(dataset.train) == 35
    (note,) = dataset.notes
    assert "images 3 of" in note


def test_training_inverts_and_reports_skipped_files(
    tmp_path: Path, drawn: Grey, idx: Callable[..., Path], capsys: pytest.CaptureFixture[str]
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
