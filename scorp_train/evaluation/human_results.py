"""The answers of people to the blind test, as a section of the report."""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean, median

from scipy import stats

from scorp_runtime.files.decoding import decoding
from scorp_train.data import DataError

from .human_test import FORMAT
from .metric import Metric, Section, metric_infos

_Z = 1.96  # 95 %
_LONGEST = 600_000  # ms; a longer answer includes a break


@dataclass(frozen=True)
class Answer:
    """One image shown to one person: its trial, whether they called it generated, and how long they took."""

    trial: int
    generated: bool
    ms: float


def read_answers(path: Path, page: str, trials: int) -> list[Answer]:
    """Return the answers in a result file of the page named `page`. Raises `DataError` for any other file."""
    with decoding(DataError, f"the answers in {path}"):
        result = json.loads(path.read_text(encoding="utf-8"))
        if result["format"] != FORMAT or result["page"] != page:
            raise DataError(f"{path} is of another blind test than the one in the report's folder")
        answers = [Answer(int(a["trial"]), bool(a["generated"]), float(a["ms"])) for a in result["answers"]]
    if any(not 0 <= answer.trial < trials for answer in answers):
        raise DataError(f"{path} answers a trial that the page does not have")
    return answers


def people_section(results: Sequence[Sequence[Answer]], generated: Sequence[bool]) -> Section:
    """Summarise the results of several people; `generated` is the key of the test. Raises `DataError`."""
    answers = [answer for result in results for answer in result]
    fake = [not answer.generated for answer in answers if generated[answer.trial]]
    real = [not answer.generated for answer in answers if not generated[answer.trial]]
    if not fake or not real:
        raise DataError("the results hold no answers on generated or on real images")
    correct = [answer.generated == generated[answer.trial] for answer in answers]
    times = [answer.ms for answer in answers if 0 < answer.ms < _LONGEST]
    shares = {"accuracy": correct, "called_real": fake, "real_called_real": real}
    intervals = {f"{name}_interval": _interval(flags) for name, flags in shares.items()}
    low, high = intervals["accuracy_interval"]
    errors = [fmean(flags) * (1 - fmean(flags)) / len(flags) for flags in (fake, real)]
    called_real_info, accuracy_info = metric_infos("people")
    return Section(
        "people",
        "People",
        (
            Metric(called_real_info, fmean(fake), fmean(real), _Z * math.sqrt(sum(errors))),
            Metric(accuracy_info, fmean(correct), 0.5, (high - low) / 2),
        ),
        details={
            "people": len(results),
            "answers": len(answers),
            "median_seconds": median(times) / 1000 if times else None,
            **intervals,
        },
        notes=(f"{len(answers)} answers in {len(results)} result files.",),
    )


def _interval(flags: Sequence[bool]) -> list[float]:
    """Return the 95 % confidence interval (Wilson 1927) of a share."""
    interval = stats.binomtest(sum(flags), len(flags)).proportion_ci(0.95, method="wilson")
    return [float(interval.low), float(interval.high)]
