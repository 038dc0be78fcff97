"""Stages share the steps of a training out, without a gap, and each has a learning rate of its own course."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scorp_train.models.stages import Stages, rate

NAMES = ("codes", "flow", "front", "adversarial")
shares = st.lists(st.floats(0.0, 1.0), min_size=4, max_size=4).filter(lambda parts: sum(parts) > 0.1)


@given(shares, st.integers(1, 500))
def test_every_step_has_its_place(parts: list[float], steps: int) -> None:
    stages = Stages(steps, dict(zip(NAMES, parts, strict=True)))
    places = [stages.place(step) for step in range(steps)]
    assert [place.stage for place in places] == sorted((place.stage for place in places), key=NAMES.index)
    for before, after in pairwise(places):
        assert after.step == (before.step + 1 if after.stage == before.stage else 0)
        assert before.step < before.steps
    assert places[-1].step == places[-1].steps - 1


def test_shares_are_shares_of_the_steps() -> None:
    stages = Stages(100, dict(zip(NAMES, (0.3, 0.1, 0.1, 0.5), strict=True)))
    assert [stages.place(step).stage for step in (0, 29, 30, 39, 40, 49, 50, 99)] == [
        "codes", "codes", "flow", "flow", "front", "front", "adversarial", "adversarial"
    ]  # fmt: skip


def test_a_rate_rises_stays_and_falls_within_its_stage() -> None:
    stages = Stages(100, {"codes": 0.5, "flow": 0.5})
    rates = [rate(stages.place(step), 10, 0.5, 0.1) for step in range(50)]
    assert rates[0] == pytest.approx(0.1)
    assert rates[9:26] == [1.0] * 17
    assert rates[49] == pytest.approx(0.1)
    assert rate(stages.place(50), 10, 0.5, 0.1) == pytest.approx(0.1)
