"""A directory of class folders with pictures of any kind is a data set; a bad picture is one line that names it."""

import numpy as np
import pytest
from PIL import Image

from scorp_runtime import Generator
from scorp_train.data import DataError, load_dataset
from scorp_train.measures.style import measure_styles


@pytest.fixture(scope="module")
def drawn():
    """Eighteen digits."""
    return Generator().generate([3] * 18, seed=5).images


def fill(folder, images, suffix="png", invert=False, times=1):
    folder.mkdir(parents=True)
    for number, image in enumerate(images):
        grey = np.kron(255 - image if invert else image, np.ones((times, times), np.uint8))
        Image.fromarray(grey).save(folder / f"{number:03d}.{suffix}", quality=95)


def test_class_folders_are_a_data_set(tmp_path, drawn):
    for name in ("10", "9", "Ä", "ring"):
        fill(tmp_path / name, drawn)
    dataset = load_dataset(tmp_path)
    assert dataset.name == tmp_path.name
    assert dataset.classes == ("9", "10", "ring", "Ä")
    assert (len(dataset.train), len(dataset.test)) == (4 * 15, 4 * 3)
    assert (dataset.test.images[0] == drawn[5]).all()
    assert np.unique(dataset.train.labels).tolist() == [0, 1, 2, 3]


@pytest.mark.parametrize(
    ("suffix", "invert", "times"), [("png", True, 3), ("jpg", True, 5), ("png", False, 4)]
)
def test_scans_are_laid_out(tmp_path, drawn, suffix, invert, times):
    fill(tmp_path / "3", drawn, suffix, invert, times)
    dataset = load_dataset(tmp_path)
    given = measure_styles(np.delete(drawn, [5, 11, 17], 0))
    assert (np.abs(measure_styles(dataset.train.images) - given).mean(0) < [0.25, 1.5, 0.8, 0.8]).all()


def test_splits_of_ones_own(tmp_path, drawn):
    fill(tmp_path / "train" / "A", drawn)
    fill(tmp_path / "test" / "A", drawn[:4])
    dataset = load_dataset(tmp_path)
    assert (len(dataset.train), len(dataset.test), dataset.classes) == (18, 4, ("A",))


def kinds(image):
    """The same picture as other files hold it."""
    grey = Image.fromarray(image)
    frames = [grey, Image.new("L", (28, 28))]
    deep = Image.fromarray(image.astype(np.uint16) * 257)
    return {
        "16 bits a pixel": ("png", deep, {}),
        "a palette": ("png", grey.convert("P"), {}),
        "colours": ("png", grey.convert("RGB"), {}),
        "CMYK": (
            "tif",
            Image.merge("CMYK", [Image.new("L", (28, 28))] * 3 + [Image.fromarray(255 - image)]),
            {},
        ),
        "an animation (its first picture)": (
            "gif",
            frames[0],
            {"save_all": True, "append_images": frames[1:]},
        ),
        "several pages (the first)": ("tif", frames[0], {"save_all": True, "append_images": frames[1:]}),
    }


@pytest.mark.parametrize(
    "kind",
    [
        pytest.param(
            kind,
            marks=pytest.mark.fault("Data of `--data DIR`", f"pictures of {kind}", "read like any other"),
        )
        for kind in kinds(np.zeros((28, 28), np.uint8))
    ],
)
def test_pictures_of_other_kinds_are_read(tmp_path, drawn, kind):
    (tmp_path / "3").mkdir()
    for number, image in enumerate(drawn):
        suffix, picture, options = kinds(image)[kind]
        picture.save(tmp_path / "3" / f"{number:03d}.{suffix}", **options)
    difference = load_dataset(tmp_path).test.images[0].astype(int) - drawn[5]
    assert np.abs(difference).max() <= 3


@pytest.mark.fault("Data of `--data DIR`", "pictures with transparent paper", "it is taken as white")
def test_transparent_paper_is_paper(tmp_path, drawn):
    (tmp_path / "3").mkdir()
    for number, image in enumerate(drawn):
        black = np.zeros((*image.shape, 4), np.uint8)
        black[..., 3] = image
        Image.fromarray(black).resize((56, 56)).save(tmp_path / "3" / f"{number}.png")
    assert load_dataset(tmp_path).train.images.mean() < 80


@pytest.mark.fault(
    "Data of `--data DIR`", "pictures of another size or polarity with `--layout none`", "exit 1, naming five"
)
@pytest.mark.parametrize(
    ("layout", "times", "invert", "named"),
    [("none", 2, False, "56 x 56 pixels"), ("none", 1, True, "black on white")],
)
def test_without_layout_other_pictures_are_refused(tmp_path, drawn, layout, times, invert, named):
    fill(tmp_path / "3", drawn, times=times, invert=invert)
    with pytest.raises(DataError, match=named) as caught:
        load_dataset(tmp_path, layout)
    assert "18 images cannot be used" in str(caught.value)
    assert "and 13 more" in str(caught.value)


@pytest.mark.parametrize(
    ("content", "named"),
    [(b"", "no readable picture"), (b"\x89PNG\r\n\x1a\n" + bytes(40), "no readable picture")],
)
def test_a_bad_file_is_one_line_that_names_it(tmp_path, drawn, content, named):
    fill(tmp_path / "3", drawn)
    (tmp_path / "3" / "bad.png").write_bytes(content)
    with pytest.raises(DataError, match=named) as caught:
        load_dataset(tmp_path)
    assert "bad.png" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_blank_picture_is_named(tmp_path, drawn):
    fill(tmp_path / "3", drawn)
    Image.new("L", (40, 40), 200).save(tmp_path / "3" / "empty.png")
    with pytest.raises(DataError, match=r"empty\.png \(blank"):
        load_dataset(tmp_path)


@pytest.mark.fault(
    "Data of `--data DIR`", "fewer than 12 pictures of a class", "exit 1: at least 12 are needed"
)
def test_too_few_pictures_of_a_class_are_refused(tmp_path, drawn):
    fill(tmp_path / "3", drawn)
    fill(tmp_path / "4", drawn[:5])
    with pytest.raises(DataError, match=r"4 holds 5 images; at least 12"):
        load_dataset(tmp_path)


@pytest.mark.fault("Data of `--data DIR`", "a folder that can name no class", "exit 1: cannot name a class")
@pytest.mark.parametrize("name", ["two words", "all", "a,b"])
def test_a_folder_that_can_name_no_class_is_refused(tmp_path, drawn, name):
    fill(tmp_path / name, drawn)
    with pytest.raises(DataError, match="cannot name a class"):
        load_dataset(tmp_path)
