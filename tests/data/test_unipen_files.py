"""The published files of UNIPEN: characters are components of the pen strokes in the files that they include."""

import numpy as np
import pytest

from scorp_train.data import DataError
from scorp_train.data.unipen_files import find_distribution, read_distribution

INK = """\
.INCLUDE apa/pad.doc
.COMMENT drawn by hand
.PEN_DOWN is a word here
.WRITER_ID Ada
.PEN_DOWN
 10 20 0
 10 20 1
 10 10 2
.PEN_UP
 11 12 3
.PEN_DOWN
 20 20 4 30 20 5
.WRITER_ID Bob
.DT 100
.PEN_DOWN 5 5 6
.PEN_DOWN
"""
CHARACTERS = r"""
.VERSION 1.0
.INCLUDE apa/ink.dat
.SEGMENT CHARACTER 0-2 OK "T"
.SEGMENT CHARACTER 3 ? "\\"
.SEGMENT CHARACTER 3,0 ? "\""
.SEGMENT CHARACTER 1 OK "u"
.SEGMENT CHARACTER 0:1-2:0 OK "p"
.SEGMENT WORD 0-3 ? "Tip"
.SEGMENT CHARACTER 0 ? "ab"
.SEGMENT CHARACTER 0
"""


@pytest.fixture
def folder(tmp_path):
    """The folders of the distribution with one file of characters and one of strokes."""
    ink, data = (
        tmp_path / "train_r01_v07" / "include" / "apa",
        tmp_path / "train_r01_v07" / "data" / "1b" / "apa",
    )
    (data / "apa01").mkdir(parents=True)
    ink.mkdir(parents=True)
    (ink / "pad.doc").write_text(".COORD X Y T\n.X_POINTS_PER_INCH 500\n")
    (ink / "ink.dat").write_text(INK.replace(".PEN_DOWN is", " .PEN_DOWN is"))
    (data / "apa01" / "a.dat").write_text(CHARACTERS)
    return tmp_path


def test_characters_are_read_with_labels_writers_and_strokes(folder):
    characters = read_distribution(find_distribution(folder))
    assert characters.labels.tolist() == ["T", "\\", '"']
    assert characters.writers.tolist() == ["apa/Ada", "apa/Bob", "apa/Bob"]
    # y points up in the files and down here; points that repeat are dropped.
    assert [stroke.tolist() for stroke in characters.strokes(0)] == [
        [[0, 0], [0, 500]],
        [[500, 0], [1000, 0]],
    ]
    assert characters.sizes.tolist() == [[20, 10], [0, 0], [5, 15]]


def test_a_part_can_be_taken(folder):
    characters = read_distribution(find_distribution(folder))
    last = characters.take(np.array([False, False, True]))
    assert (len(last), last.labels.tolist()) == (1, ['"'])
    assert [stroke.tolist() for stroke in last.strokes(0)] == [
        stroke.tolist() for stroke in characters.strokes(2)
    ]
    assert last.keys() == characters.keys()[2]
    assert len(set(characters.keys().tolist())) == 3


def test_contributors_that_judge_models_are_left_out(folder):
    other = folder / "train_r01_v07" / "data" / "1b" / "ibm"
    other.mkdir()
    (other / "b.dat").write_text(CHARACTERS)
    assert len(read_distribution(find_distribution(folder))) == 3


@pytest.mark.parametrize(
    ("name", "old", "new", "message"),
    [
        ("data/1b/apa/apa01/a.dat", "apa/ink.dat", "apa/gone.dat", "gone.dat"),
        ("data/1b/apa/apa01/a.dat", "apa/ink.dat", "../data/1b/apa/apa01/a.dat", "include each other"),
        ("data/1b/apa/apa01/a.dat", "0-2", "0-9", "no component 5"),
        ("data/1b/apa/apa01/a.dat", "CHARACTER", "WORD", "no characters"),
        ("include/apa/ink.dat", "10 20 0", "10 20", "no points of X Y T"),
        ("include/apa/ink.dat", "10 20 0", "10 20 a", "no points of X Y T"),
        ("include/apa/pad.doc", "X Y T", "A B C", "no points of A B C"),
    ],
)
def test_a_damaged_file_is_named(folder, name, old, new, message):
    path = folder / "train_r01_v07" / name
    path.write_text(path.read_text().replace(old, new))
    with pytest.raises(DataError, match=message) as caught:
        read_distribution(find_distribution(folder))
    assert "\n" not in str(caught.value)


def test_another_folder_is_not_the_distribution(tmp_path):
    assert find_distribution(tmp_path) is None
    assert find_distribution(tmp_path / "missing") is None
