"""Options of a training and of its model."""

import re
import shlex
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from scorp_train.data.mnist_form import LAYOUTS
from scorp_train.errors import UsageError
from scorp_train.models.option_checks import check_options, choice, flag, integer, option
from scorp_train.models.registry import model_options, model_preset

_LONGEST_NAME = 100  # bytes; file names add an extension
_FORMER = {"model": "network"}  # names of options in older run folders


@dataclass(frozen=True)
class Options:
    """Everything that decides the result of a training, except its model's options; equal options are the same run."""

    network: str = option("multires", "network, by its registered name")
    data: str = option(
        "mnist", "registered dataset, or directory of class folders with images or of IDX files"
    )
    layout: str = choice(
        "auto", LAYOUTS, "images of class folders to scale and centre like MNIST: auto, mnist (all) or none"
    )
    invert: bool = option(False, "read images of the directory as dark ink on light paper")
    name: str = option("digits", "name of the exported model")
    epochs: int = integer(34, text="passes over the training images")
    variants: int = integer(
        0, 0, text="images per class to reach by adding variants of real ones; 0 for none"
    )
    batch: int = integer(128, 2, text="images per step in each process")
    seed: int = integer(0, 0, 2**64 - 1, text="seed of all randomness")
    device: str = option("auto", "auto, cpu, cuda or cuda:N")
    threads: int = integer(
        0, 0, 1024, text="CPU threads of each process, or auto: one per usable core, at most OMP_NUM_THREADS"
    )
    """0 stands for `auto`."""
    sample_steps: str = option("", "steps after which to write samples, besides every epoch: 0,1000,...")
    processes: int = integer(1)
    """The number of processes that torchrun starts; not an option of the command line."""

    def __post_init__(self) -> None:
        check_options(self)
        check_name(self.name)
        if not re.fullmatch(r"auto|cpu|cuda(:\d{1,4})?", self.device, re.ASCII):
            raise UsageError(f"--device must be auto, cpu, cuda or cuda:N, not {self.device!r}")
        if not re.fullmatch(r"(\d{1,19}(,\d{1,19})*)?", self.sample_steps, re.ASCII):
            raise UsageError(f"--sample-steps must be numbers separated by commas, not {self.sample_steps!r}")
        if self.processes > 1 and ":" in self.device:
            raise UsageError(
                f"--device {self.device} is for one process; with --device cuda each process has its own"
            )

    @property
    def model(self) -> str:
        """The former name of `network`."""
        return self.network

    @property
    def images_per_step(self) -> int:
        """The batches of all processes together."""
        return self.batch * self.processes

    @property
    def steps_to_sample(self) -> frozenset[int]:
        """`sample_steps` as numbers."""
        return frozenset(int(word) for word in self.sample_steps.split(",") if word)


def check_name(name: str) -> None:
    """Raise `UsageError` unless a model and its files can have that name."""
    if not name.isidentifier() or len(name.encode()) > _LONGEST_NAME:
        raise UsageError(
            f"--name must have letters, digits and underscores only, at most {_LONGEST_NAME} bytes, "
            f"not {name[:_LONGEST_NAME]!r}"
        )


@dataclass(frozen=True)
class Plan:
    """The options of a training and those of its model, an instance of the model's own dataclass."""

    training: Options
    model: Any

    def __post_init__(self) -> None:
        check_options(self.model)

    def requests(self, recorded: "Plan") -> bool:
        """Return whether a run of the plan `recorded` is what this plan requests.

        `auto` and 0 request any recorded device, precision and number of threads.
        """
        training, model = self.training, self.model
        if training.device == "auto":
            training = replace(training, device=recorded.training.device)
        if training.threads == 0:
            training = replace(training, threads=recorded.training.threads)
        if getattr(model, "precision", "") == "auto" and hasattr(recorded.model, "precision"):
            model = replace(model, precision=recorded.model.precision)
        return Plan(training, model) == recorded

    def to_json(self) -> dict[str, Any]:
        """Return a JSON object for `from_json`."""
        return {"training": asdict(self.training), "model": asdict(self.model)}

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> "Plan":
        """Read what `to_json` returned. Raises `UsageError` for an unknown option."""
        values = document.get("training", {})
        training = _read(Options, {_FORMER.get(name, name): value for name, value in values.items()})
        return cls(training, _read(model_options(training.network), document.get("model", {})))

    def command(self) -> str:
        """Return the shortest command line that requests this plan, quoted for a POSIX shell."""
        processes = self.training.processes
        words = [f"torchrun --nproc-per-node {processes} -m scorp_train" if processes > 1 else "scorp-train"]
        recipe = model_preset(self.training.network)
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
