"""A golden file shows whether the pixels are the trainer's."""

import json
import math
from typing import Any

import pytest

from scorp_runtime import Generator, ModelError
from scorp_runtime.inference.golden import check_golden
from scorp_train.export.golden import make_golden


@pytest.fixture(scope="module")
def golden(generator: Generator) -> dict[str, Any]:
    return make_golden(generator)


def encode(document: Any) -> bytes:
    return json.dumps(document).encode()


def test_the_cases_cover_classes_knob_limits_writers_and_last_indices(
    generator: Generator, golden: dict[str, Any]
) -> None:
    cases = golden["cases"]
    assert any(case["labels"] == "all" and case["count"] > 20 for case in cases)
    assert any(case["count"] > 128 for case in cases)
    assert any(
        int(case["seed"]) == 2**64 - 1 and int(case["start"]) + case["count"] == 2**64 for case in cases
    )
    for knob in generator.knobs:
        assert {knob.low, knob.high} <= {case["styles"].get(knob.name) for case in cases}
    assert {None, "0", str(2**64 - 1)} <= {case["writer"] for case in cases}


def test_a_changed_pixel_is_found(generator: Generator, golden: dict[str, Any]) -> None:
    *others, last = golden["cases"]
    changed = golden | {"cases": [*others, last | {"pixels_sha256": "0" * 64}]}
    with pytest.raises(ModelError, match=f"case {len(others) + 1} of {len(others) + 1}"):
        check_golden(generator, encode(changed))


DAMAGED = [b"", b"[]", b"{", b"\xff", b'{"format": 1}', b'{"format": 1, "model_sha256": "", "cases": [1]}']


@pytest.mark.parametrize("content", DAMAGED)
def test_a_damaged_golden_file_is_refused(generator: Generator, content: bytes) -> None:
    with pytest.raises(ModelError, match="golden file"):
        check_golden(generator, content)


@pytest.mark.parametrize(
    ("change", "named"), [({"model_sha256": "0" * 64}, "another model"), ({"format": 2}, "format 2")]
)
def test_another_model_or_format_is_refused(
    generator: Generator, golden: dict[str, Any], change: dict[str, Any], named: str
) -> None:
    with pytest.raises(ModelError, match=named):
        check_golden(generator, encode(golden | change))


@pytest.mark.parametrize(
    "change",
    [{"labels": "x"}, {"seed": "-1"}, {"seed": math.inf}, {"writer": "x"}, {"styles": 3}],
)
def test_a_case_that_cannot_be_drawn_is_refused(
    generator: Generator, golden: dict[str, Any], change: dict[str, Any]
) -> None:
    cases = [golden["cases"][0] | change]
    with pytest.raises(ModelError, match="cannot draw the golden case"):
        check_golden(generator, encode(golden | {"cases": cases}))


def test_limits_that_six_digits_would_round_outwards_are_drawn(proto: Any, saved: Any) -> None:
    (knobs,) = (entry for entry in proto.metadata_props if entry.key == "knobs")
    document = json.loads(knobs.value)
    document[0] |= {"high": 20.65625 + 2**-18, "step": 2**-18}
    assert float(f"{document[0]['high']:g}") > document[0]["high"]
    knobs.value = json.dumps(document)
    generator = Generator(saved(proto))
    assert check_golden(generator, encode(make_golden(generator))) > 0
