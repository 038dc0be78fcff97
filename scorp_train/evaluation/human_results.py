"""What people answered on the blind page, folded into a section of the report."""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from scipy import stats

from scorp_runtime.files.decoding import decoding
from scorp_train.data import DataError

from .human_test import FORMAT
from .metric import Better, Figure, Measure, Section

_Z = 1.96  # 95 %
_LONGEST = 600_000  # ms; someone went for a walk

CALLED_REAL = Measure(
    "people_called_real",
    "Generated digits that people call real",
    Better.HIGHER,
    "Beside the share of real digits that the same people call real; ± is the 95 % interval of the difference.",
)
ACCURACY = Measure(
    "people_accuracy",
    "Right answers of people",
    Better.LOWER,
    "Beside 0.5, what a coin would get; ± is half of the 95 % interval (Wilson).",
)
MEASURES = (CALLED_REAL, ACCURACY)


@dataclass(frozen=True)
class Answer:
    """One digit shown to one person: its trial, whether they called it generated, and how long they took."""

    trial: int
    generated: bool
    ms: float


def read_answers(path: Path, page: str, trials: int) -> list[Answer]:
    """The answers in a result file of that page. Raises `DataError` for anything else."""
    with decoding(DataError, f"the answers in {path}"):
        result = json.loads(path.read_text(encoding="utf-8"))
        if result["format"] != FORMAT or result["page"] != page:
            raise DataError(f"{path} belongs to another blind page than the one beside the report")
        answers = [Answer(int(a["trial"]), bool(a["generated"]), float(a["ms"])) for a in result["answers"]]
    if any(not 0 <= answer.trial < trials for answer in answers):
        raise DataError(f"{path} answers a trial that the page does not have")
    return answers


def people_section(results: Sequence[Sequence[Answer]], generated: Sequence[bool]) -> Section:
    """Sum up the results of several people on a page whose digits were `generated` or not."""
    answers = [answer for result in results for answer in result]
    made = [not answer.generated for answer in answers if generated[answer.trial]]
    real = [not answer.generated for answer in answers if not generated[answer.trial]]
    right = [answer.generated == generated[answer.trial] for answer in answers]
    times = [answer.ms for answer in answers if 0 < answer.ms < _LONGEST]
    if not made or not real:
        raise DataError("the results hold no answers on generated or on real digits")
    made_share, real_share = sum(made) / len(made), sum(real) / len(real)
    difference = _Z * math.sqrt(
        made_share * (1 - made_share) / len(made) + real_share * (1 - real_share) / len(real)
    )
    low, high = _wilson(sum(right), len(right))
    return Section(
        "people",
        "People",
        (
            Figure(CALLED_REAL, made_share, real_share, difference),
            Figure(ACCURACY, sum(right) / len(right), 0.5, (high - low) / 2),
        ),
        details={
            "people": len(results),
            "answers": len(answers),
            "median_seconds": median(times) / 1000 if times else None,
            "accuracy_interval": [low, high],
            "called_real_interval": list(_wilson(sum(made), len(made))),
            "real_called_real_interval": list(_wilson(sum(real), len(real))),
        },
        notes=(
            f"{len(answers)} answers in {len(results)} result files. Generated digits called real: "
            f"{_interval(sum(made), len(made))}; real digits called real: {_interval(sum(real), len(real))}; "
            f"right answers: {_interval(sum(right), len(right))} (95 % intervals).",
        ),
    )


def _interval(successes: int, trials: int) -> str:
    low, high = _wilson(successes, trials)
    return f"{successes / trials:.0%}, {low:.0%} to {high:.0%}"


def _wilson(successes: int, trials: int) -> tuple[float, float]:
    """Return the 95 % confidence interval of a share (Wilson 1927)."""
    interval = stats.binomtest(successes, trials).proportion_ci(0.95, method="wilson")
    return float(interval.low), float(interval.high)
