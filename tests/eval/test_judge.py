"""The shipped judges read digits and capitals, reproducibly."""

from importlib.resources import files

import numpy as np
import pytest

from scorp_runtime import Generator
from scorp_train.judge import Judge, judge_names, load_judge
from scorp_train.judge.card import card_markdown

MODEL = files("scorp_train.judge") / "models" / "mnist.onnx"


def test_it_reads_real_digits(judge, mnist):
    accuracy = judge.accuracy(mnist.test.images, mnist.test.labels)
    assert accuracy >= 0.996
    assert accuracy == pytest.approx(judge.card["accuracy"], abs=1e-4)


def test_it_reads_drawn_digits(judge, drawn):
    assert judge.accuracy(drawn.test.images, drawn.test.labels) >= 0.97


def test_a_reading_has_logits_features_and_confidence(judge, drawn):
    reading = judge.read(drawn.test.images[:300])
    assert reading.logits.shape == (300, 10)
    assert reading.features.shape == (300, 64)
    assert reading.labels.dtype == np.int64
    assert 0.1 <= reading.confidence.min() <= reading.confidence.max() <= 1


def test_a_reading_does_not_depend_on_the_batch(judge, drawn):
    images = drawn.test.images[:40]
    batch = judge.read(images)
    np.testing.assert_allclose(
        judge.read(images[31:33]).features, batch.features[31:33], rtol=1e-4, atol=1e-4
    )
    np.testing.assert_array_equal(judge.read(images).features, batch.features)


def test_features_vary_within_a_class(judge, drawn):
    sevens = drawn.test.images[drawn.test.labels == 7]
    everything = judge.read(drawn.test.images).features.std(0).mean()
    assert judge.read(sevens).features.std(0).mean() / everything > 0.1


def test_the_file_is_small_and_its_card_matches_it(judge):
    assert len(MODEL.read_bytes()) <= 300_000
    card = MODEL.with_name("mnist.md").read_text(encoding="utf-8")
    assert card == card_markdown(judge.card, len(MODEL.read_bytes()))


def test_other_arrays_are_refused(judge):
    with pytest.raises(ValueError, match="uint8"):
        judge.read(np.zeros((1, 28, 28), np.float32))


def test_a_judge_of_digits_and_capitals_is_shipped():
    assert "letters" in judge_names()
    judge = load_judge("letters")
    assert judge.classes == (*"0123456789", *"ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    # The bundled model's digits, among digits only.
    digits = Generator().generate("0-9", 200, seed=3)
    read = judge.read(digits.images).logits[:, :10].argmax(1)
    assert (read == digits.labels).mean() > 0.95


def test_an_unknown_name_lists_the_known_ones():
    with pytest.raises(FileNotFoundError, match="mnist"):
        load_judge("no-such-judge")


@pytest.mark.parametrize("content", [b"", b"nothing", MODEL.read_bytes()[:2000]])
def test_a_file_that_is_not_a_judge_is_refused_in_one_line(tmp_path, content):
    path = tmp_path / "broken.onnx"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"broken\.onnx") as caught:
        Judge.open(path)
    assert "\n" not in str(caught.value)
