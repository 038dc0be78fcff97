"""What a training is asked to do: general options, and those of its model."""

import re
import shlex
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from scorp_train.data.mnist_form import LAYOUTS
from scorp_train.errors import UsageError
from scorp_train.models.option_checks import check_numbers, flag, integer
from scorp_train.models.registry import model_options, model_preset

_LONGEST_NAME = 100  # its files need room for an extension


@dataclass(frozen=True)
class Options:
    """Everything that decides the result of a training; two runs with equal options are the same run."""

    model: str = "multires"
    data: str = "mnist"
    layout: str = "auto"
    """Which pictures of class folders are laid out as MNIST's: see `data.layout`."""
    invert: bool = False
    """The images of the directory are dark ink on light paper."""
    name: str = "digits"
    epochs: int = integer(46)
    variants: int = integer(0, 0)
    """Classes of fewer training pictures are filled up to this number with gentle variants of them; 0 = none are."""
    batch: int = integer(128, 2)
    seed: int = integer(0, 0, 2**64 - 1)
    device: str = "auto"
    threads: int = integer(0, 0, 1024)
    """CPU threads, 0 = one per usable core; part of the options because sums depend on it."""
    sample_steps: str = ""
    """Steps after which samples are written, beside those of every epoch: whole numbers with commas between."""
    processes: int = integer(1)
    """That train together, as torchrun has started them; no option of the command line."""

    def __post_init__(self) -> None:
        check_numbers(self)
        if self.layout not in LAYOUTS:
            raise UsageError(f"--layout {self.layout!r} is none of {', '.join(LAYOUTS)}")
        check_name(self.name)
        if not re.fullmatch(r"auto|cpu|cuda(:\d{1,4})?", self.device, re.ASCII):
            raise UsageError(f"--device {self.device!r} is none of auto, cpu, cuda, cuda:N")
        if not all(
            word.isdecimal() and len(word) < 20 for word in self.sample_steps.split(",") if self.sample_steps
        ):
            raise UsageError(f"--sample-steps {self.sample_steps!r} are no numbers with commas between")
        if self.processes > 1 and ":" in self.device:
            raise UsageError(
                f"--device {self.device} is for one process; with --device cuda each has its own"
            )

    @property
    def pictures_per_step(self) -> int:
        """The batches of all processes together."""
        return self.batch * self.processes

    @property
    def steps_to_sample(self) -> frozenset[int]:
        """The `sample_steps` as numbers."""
        return frozenset(int(word) for word in self.sample_steps.split(",") if word)


def check_name(name: str) -> None:
    """Raises `UsageError` unless a model and its files may have that name."""
    if not name.isidentifier() or len(name.encode()) > _LONGEST_NAME:
        raise UsageError(
            f"--name {name[:_LONGEST_NAME]!r} is no plain name of letters, digits and underscores, "
            f"of at most {_LONGEST_NAME} bytes"
        )


@dataclass(frozen=True)
class Plan:
    """The options of a training and those of its model, an instance of the model's own dataclass."""

    training: Options
    model: Any

    def __post_init__(self) -> None:
        check_numbers(self.model)  # other packages' models need not check their own

    def requests(self, recorded: "Plan") -> bool:
        """Return whether a run of the plan `recorded` is what this plan requests.

        `auto` and 0 request any recorded device, precision and number of threads.
        """
        return self._with_choices(recorded) == recorded

    def _with_choices(self, other: "Plan") -> "Plan":
        training, model = self.training, self.model
        if training.device == "auto":
            training = replace(training, device=other.training.device)
        if training.threads == 0:
            training = replace(training, threads=other.training.threads)
        if getattr(model, "precision", "") == "auto" and hasattr(other.model, "precision"):
            model = replace(model, precision=other.model.precision)
        return Plan(training, model)

    def to_json(self) -> dict[str, Any]:
        """A JSON object that `from_json` reads back."""
        return {"training": asdict(self.training), "model": asdict(self.model)}

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> "Plan":
        """The plan of a run folder. Raises `UsageError` on names that this version does not know."""
        training = _read(Options, document.get("training", {}))
        return cls(training, _read(model_options(training.model), document.get("model", {})))

    def command(self) -> str:
        """Return the shortest command line that requests this plan, quoted for a POSIX shell."""
        processes = self.training.processes
        words = [f"torchrun --nproc-per-node {processes} -m scorp_train" if processes > 1 else "scorp-train"]
        recipe = model_preset(self.training.model)
        for options in (self.training, self.model):
            for field in fields(options):
                value = getattr(options, field.name)
                if value != recipe.get(field.name, field.default) and field.name != "processes":
                    words.append(_words(field.name, value))
        return " ".join(words)


def _words(name: str, value: object) -> str:
    if isinstance(value, bool):
        return flag(name if value else f"no_{name}")
    text = shlex.quote(str(value))
    # The parser would read a separate value that starts with a hyphen as an option.
    return f"{flag(name)}{'=' if text.startswith('-') else ' '}{text}"


def _read(kind: type[Any], values: dict[str, Any]) -> Any:
    known = {field.name for field in fields(kind)}
    if unknown := sorted(values.keys() - known):
        raise UsageError(f"unknown option {unknown[0]!r} of {kind.__name__}")
    return kind(**values)
